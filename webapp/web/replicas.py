"""Which requests read from replicas: views with `@from_replica`, unless the caller may miss their own changes.

The position of the last change of a browser is in a cookie. It needs no signature: a wrong one only makes its browser
read from the primary, or read older rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.context import Registry, current_registry, current_settings
from webapp.core.permissions import Permission, Powers
from webapp.db.replicas import Replicas, primary_position
from webapp.db.session import WRITTEN, db
from webapp.web.guards import database_unreachable
from webapp.web.health import Warnings

READING = frozenset({Permission.USERS_READ, Permission.USERS_EXPORT, Permission.AUDIT_READ, Permission.JOBS_READ})
# Longer than a replica may be behind.
COOKIE_SECONDS = 60
_POSITION = re.compile(r"\d{1,20}", re.ASCII)
# Behind every position: read from the primary.
_NEVER = 10**20

View = TypeVar("View", bound=Callable[..., Any])


def from_replica(view: View) -> View:
    """Let the view, which only reads, read from a replica. What it writes, and reads after that, uses the primary."""
    cast(Any, view).from_replica = True
    return view


def dispatch(call: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Call the view of this request. Its guard has been checked with the primary."""
    replicas = current_registry().get(Replicas)
    view = current_app.view_functions.get(request.endpoint or "")
    # Always look the session up with the primary, also for views that everyone can open.
    if not replicas or not getattr(view, "from_replica", False) or not current_user.is_authenticated:
        return call()
    return replicas.read(call, after=_last_change(), reader=str(g.get("user_id", "")))


def init_replicas(app: Flask, registry: Registry) -> None:
    app.after_request(_remember_change)
    registry.get(Warnings)["replicas"] = _replicas_warning


def _replicas_warning() -> str | None:
    replicas = current_registry().get(Replicas).replicas
    away = sum(not replica.has(0) for replica in replicas)
    return f"{away} of {len(replicas)} read replicas cannot be used" if away else None


def _cookie_name() -> str:
    return f"{current_settings().cookie_name}-change"


def _is_api_request() -> bool:
    return request.path.startswith("/api/")


def _last_change() -> int:
    """Return the position that a replica needs, so that the caller sees their own changes."""
    if _is_api_request():
        # Programs keep no cookie. Those that cannot change anything need no position.
        powers: Powers = current_user.powers
        held = powers.everywhere.union(*powers.by_scope.values())
        return 0 if held <= READING else _NEVER
    position = request.cookies.get(_cookie_name(), "0")
    return int(position) if _POSITION.fullmatch(position) else _NEVER


def _remember_change(response: Response) -> Response:
    if not current_registry().get(Replicas) or not db.session.info.get(WRITTEN) or _is_api_request():
        return response
    try:
        position = _NEVER if database_unreachable() else primary_position()
    except SQLAlchemyError:
        # The change is committed, so the response stays.
        db.session.rollback()
        position = _NEVER
    response.set_cookie(
        _cookie_name(),
        str(min(position, _NEVER - 1)),
        max_age=COOKIE_SECONDS,
        secure=current_settings().secure,
        httponly=True,
        samesite="Lax",
    )
    return response
