"""Lock, audit and save a user. Creating and editing share these steps."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from webapp.audit.services import Changes, Value
from webapp.core.errors import Deleted, NotFound, Taken
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.users.models import User

AUDITED = ("email", "username", "name", "locale", "timezone", "theme", "starts_at", "ends_at")


def lock_user(user_id: UUID, *, deleted: bool = False) -> User:
    """Return the user, locked until the end of the transaction. Raise NotFound.

    Raise Deleted if the user is deleted, unless `deleted` is true.
    """
    user = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound(_("This user does not exist"))
    if user.deleted_at and not deleted:
        raise Deleted(_("This user is deleted. Restore them first."))
    return user


def audit_values(user: User) -> dict[str, Value]:
    """Return the values of AUDITED as the audit record stores them."""
    values = {name: getattr(user, name) for name in AUDITED}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def password_changed(password: str | None) -> Changes:
    return {"password": (None, "changed")} if password else {}


def flush_user() -> None:
    """Flush the session. Raise Taken if the e-mail address or username is in use."""
    with refuse_taken_identity():
        db.session.flush()


def refuse_taken_identity() -> AbstractContextManager[None]:
    """Raise Taken if a statement of this block finds that the e-mail address or username is in use.

    Each query first flushes the changes of the session, so changes of a user belong in this block with their queries.
    """
    return translate_constraints({"uq_users_email_key": email_taken(), "uq_users_username_key": username_taken()})


def email_taken() -> Taken:
    return Taken(_("This e-mail address is already in use"), field="email", code="taken")


def username_taken() -> Taken:
    return Taken(_("This username is already in use"), field="username", code="taken")
