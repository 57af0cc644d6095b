"""Named reads of factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from webapp.core.errors import NotFound
from webapp.core.sealing import NotReadable, unseal
from webapp.core.texts import _
from webapp.db.session import db
from webapp.factors.models import Passkey, RecoveryCode, TotpFactor


@dataclass(frozen=True)
class FactorSummary:
    """The factors of a person beside the password. `totp` is None until it was confirmed with a code."""

    totp: TotpFactor | None
    passkeys: Sequence[Passkey]
    recovery_codes: Sequence[RecoveryCode]

    @property
    def has_second_factor(self) -> bool:
        return self.totp is not None or bool(self.passkeys)

    @property
    def codes_left(self) -> int:
        return sum(code.used_at is None for code in self.recovery_codes)


def factor_summary(user_id: UUID) -> FactorSummary:
    totp = db.session.get(TotpFactor, user_id)
    codes = db.session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user_id).order_by(RecoveryCode.id))
    return FactorSummary(totp if totp and totp.confirmed_at else None, passkeys_of(user_id), codes.all())


def passkeys_of(user_id: UUID) -> Sequence[Passkey]:
    """Return the person's passkeys, oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)).all()


def get_passkey(user_id: UUID, passkey_id: UUID | None) -> Passkey:
    """Return a passkey of the person. Raise NotFound, also without an ID."""
    passkey = db.session.get(Passkey, passkey_id) if passkey_id else None
    if passkey is None or passkey.user_id != user_id:
        raise NotFound(_("This passkey does not exist"))
    return passkey


def pending_seed(user_id: UUID) -> str | None:
    """Return the seed of an app that the person has not confirmed with a code yet, in base32. Return None without."""
    totp = db.session.get(TotpFactor, user_id)
    return readable_seed(totp) if totp and totp.confirmed_at is None else None


def readable_seed(totp: TotpFactor) -> str | None:
    """Return the seed in base32. Return None if it was encrypted with another SECRET_KEY."""
    try:
        return unseal(totp.sealed_seed)
    except NotReadable:
        return None
