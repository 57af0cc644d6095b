"""A repeated POST has no second effect: of the API by its `Idempotency-Key`, of a form by its token.

The header: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, current_app, make_response, request
from sqlalchemy import JSON, String, Text, UniqueConstraint, delete, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.errors import InProgress, Invalid
from webapp.core.ids import new_id
from webapp.core.sealing import seal, unseal
from webapp.core.texts import _
from webapp.db.constraints import constraint_of
from webapp.db.file_locks import file_lock
from webapp.db.session import Model, db
from webapp.db.transactions import transaction
from webapp.db.types import Instant
from webapp.web.forms import CreationForm
from webapp.web.guards import actor
from webapp.web.operations import operation_headers
from webapp.web.request_headers import KEY_MAX

KEPT_FOR = timedelta(hours=24)
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("Location", "ETag")
# How long a repeated request waits for the first one on SQLite. On PostgreSQL, `lock_timeout` limits it.
WAIT_SECONDS = 2.0
# lock_not_available
LOCK_TIMEOUT = "55P03"
# Encrypted bodies begin like this. No JSON does.
SEALED = "sealed:"


class IdempotencyKey(Model):
    """The response to the first request with this key, written in the transaction of its change."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("caller_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    caller_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(KEY_MAX))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now, index=True)


def idempotent(
    work: Callable[[], Response], *, finish: Callable[[], Response] | None = None, secret: bool = False
) -> Response:
    """Return the response of `work`. A repeated request waits for the first one and gets its response.

    `finish` continues after this transaction, in transactions of its own. Its response replaces the one of `work`, also
    for repeated requests from then on. It is called once, and not if the request is interrupted before.

    Keys belong to an API token and are valid for a day. `work` runs inside a transaction, so it must be fast. Raise
    Invalid if another request used the key, InProgress if the first one takes longer than the repeated one can wait.
    Refused requests do not use up their key. `secret`: the response contains a secret, so it is stored encrypted.
    """
    key = operation_headers().get("Idempotency-Key")
    if key is None:
        response = work()
        return finish() if finish else response
    caller_id = actor().token_id
    response = _run_once(caller_id, key, _fingerprint(request.get_data()), work, secret=secret)
    if finish is None or REPLAYED in response.headers:
        return response
    response = finish()
    with transaction():
        is_key = (IdempotencyKey.caller_id == caller_id, IdempotencyKey.key == key)
        db.session.execute(update(IdempotencyKey).where(*is_key).values(_stored_values(response, secret=secret)))
    return response


def created_once(form: CreationForm, create: Callable[[], UUID]) -> UUID:
    """Return the ID that `create` returns. If the same form was sent before with the same values, return its ID.

    Without a token, always create. `create` runs inside a transaction, so it must be fast.
    """
    # A field that was not sent has the token of a new form.
    if not form.form_token.raw_data:
        return create()
    values = sorted(item for item in request.form.items(multi=True) if item[0] != "csrf_token")
    key = _fingerprint(json.dumps(values).encode())
    response = _run_once(actor().id, key, key, lambda: Response(str(create())))
    return UUID(response.get_data(as_text=True))


def _run_once(
    caller_id: UUID | None, key: str, fingerprint: str, work: Callable[[], Response], *, secret: bool = False
) -> Response:
    try:
        with _only_one(f"{caller_id} {key}"), transaction():
            db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - KEPT_FOR))
            row = IdempotencyKey(caller_id=caller_id, key=key, fingerprint=fingerprint)
            db.session.add(row)
            _flush_key()
            response = work()
            for name, value in _stored_values(response, secret=secret).items():
                setattr(row, name, value)
        return response
    except IntegrityError as error:
        if constraint_of(error) != "uq_idempotency_keys_caller_id_key":
            raise
        return _stored_response(caller_id, key, fingerprint)


@contextmanager
def _only_one(name: str) -> Iterator[None]:
    """On SQLite, wait for another request with this key: raise InProgress if it takes too long."""
    with ExitStack() as stack:
        try:
            stack.enter_context(file_lock(f"idempotency {name}", seconds=WAIT_SECONDS))
        except TimeoutError:
            raise _still_running() from None
        yield


def _stored_values(response: Response, *, secret: bool) -> dict[str, Any]:
    body = response.get_data(as_text=True)
    return {
        "status": response.status_code,
        "body": SEALED + seal(body) if secret else body,
        "headers": {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
    }


def _flush_key() -> None:
    """Insert the key. PostgreSQL waits for a transaction that has the same: raise InProgress if it takes too long."""
    try:
        db.session.flush()
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) != LOCK_TIMEOUT:
            raise
        raise _still_running() from error


def _still_running() -> InProgress:
    message = _("The first request with this Idempotency-Key is still running. Try again in a moment.")
    return InProgress(message, field="Idempotency-Key")


def delete_stored_responses(about: UUID) -> None:
    """Delete stored responses that contain this ID. Runs in the transaction that erases the row."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.body.contains(str(about))))


def _fingerprint(body: bytes) -> str:
    """Return an HMAC of the request. A plain hash would allow to guess a password in it."""
    message = b"\n".join([request.method.encode(), request.path.encode(), body])
    return hmac.digest(str(current_app.secret_key).encode(), message, "sha256").hex()


def _stored_response(caller_id: UUID | None, key: str, fingerprint: str) -> Response:
    row = db.session.scalars(
        select(IdempotencyKey).where(IdempotencyKey.caller_id == caller_id, IdempotencyKey.key == key)
    ).one()
    if row.fingerprint != fingerprint:
        raise Invalid(_("This Idempotency-Key was used for another request"), code="key_reused")
    body = unseal(row.body.removeprefix(SEALED)) if row.body.startswith(SEALED) else row.body
    response = make_response(body, row.status)
    response.content_type = "application/json"
    response.headers.update(row.headers)
    response.headers[REPLAYED] = "true"
    return response
