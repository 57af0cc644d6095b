"""Give people second factors, as their pages do."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import select, update

from webapp.core.clock import now
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.models import TotpFactor
from webapp.factors.queries import pending_seed
from webapp.factors.recovery_codes import create_recovery_codes
from webapp.factors.totp import STEP_SECONDS, confirm_totp, start_totp
from webapp.users.models import User
from webapp.web.api import App


def add_totp(app: App, user_id: UUID) -> str:
    """Set up an app for the person, without a used code. Return its seed."""
    with app.app_context():
        start_totp(user_id)
        seed = pending_seed(user_id)
        assert seed
        confirm_totp(user_id, code=totp_code(seed), by=themselves(user_id))
        with transaction():
            db.session.execute(update(TotpFactor).where(TotpFactor.user_id == user_id).values(last_step=0))
    return seed


def add_recovery_codes(app: App, user_id: UUID) -> list[str]:
    with app.app_context():
        return create_recovery_codes(user_id, by=themselves(user_id))


def totp_code(seed: str, *, steps: int = 0, moment: datetime | None = None) -> str:
    """Return the code that the app shows, `steps` time steps from `moment`, by default now."""
    return pyotp.TOTP(seed).at((moment or now()) + timedelta(seconds=STEP_SECONDS * steps))


def themselves(user_id: UUID) -> Actor:
    return Actor(ActorKind.USER, db.session.execute(select(User.name).filter_by(id=user_id)).scalar_one(), user_id)
