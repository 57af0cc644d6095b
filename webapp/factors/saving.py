"""What each change of factors does in its transaction: keep the date on the user, write the record, send the notice."""

from __future__ import annotations

from sqlalchemy import select, update

from webapp.audit.actions import Action
from webapp.audit.services import Value, record
from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.factors.models import Passkey, TotpFactor
from webapp.factors.notices import notify
from webapp.users.models import User

# As audit records name the app that shows codes.
TOTP = "totp"


def save_factors(
    user: User,
    action: Action,
    *,
    by: Actor,
    subject: str,
    text: str,
    before: Value = None,
    after: Value = None,
) -> None:
    """Finish a change of the factors of a locked user. `before` and `after`: names of factors for the record."""
    db.session.flush()
    _store_date(user)
    changes = {"factor": (before, after)} if before or after else {}
    record(action, subject=user, by=by, changes=changes)
    notify(user, subject=subject, text=text, by=by)


def has_second_factor(user: User) -> bool:
    totp = select(TotpFactor.user_id).where(TotpFactor.user_id == user.id, TotpFactor.confirmed_at.is_not(None))
    passkey = select(Passkey.id).where(Passkey.user_id == user.id)
    return bool(db.session.scalar(select(totp.exists() | passkey.exists())))


def _store_date(user: User) -> None:
    since = (user.second_factor_at or now()) if has_second_factor(user) else None
    if since != user.second_factor_at:
        # A plain UPDATE keeps the version of the user: an open edit form stays valid.
        values = {"second_factor_at": since, "updated_at": User.updated_at}
        db.session.execute(update(User).where(User.id == user.id).values(values))
