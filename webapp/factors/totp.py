"""One-time codes of an app (TOTP, RFC 6238): set up the app, and accept each code once."""

from __future__ import annotations

import unicodedata
from hmac import compare_digest
from uuid import UUID

import pyotp
from sqlalchemy import update

from webapp.audit.actions import Action
from webapp.core.clock import now
from webapp.core.errors import Invalid, Stale
from webapp.core.permissions import Actor
from webapp.core.sealing import seal
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.models import CODE_MAX, TotpFactor
from webapp.factors.queries import readable_seed
from webapp.factors.saving import TOTP, save_factors
from webapp.users.saving import lock_user

STEP_SECONDS = 30
CODE_DIGITS = 6
# Clocks of phones differ. RFC 6238, 5.2 recommends one step at most.
DRIFT = 1
# A QR code holds 2,331 bytes. A character takes up to 12, and the issuer stands there twice.
EMAIL_SHOWN, ISSUER_SHOWN = 100, 40
# A code of another hour says that the clock of the phone is wrong.
_WRONG_CLOCK = 14 * 3600 // STEP_SECONDS


@transaction()
def start_totp(user_id: UUID) -> None:
    """Create the seed of an app. It does not count until `confirm_totp`. Raise Stale if the person has an app."""
    lock_user(user_id)
    totp = db.session.get(TotpFactor, user_id, populate_existing=True)
    if totp and totp.confirmed_at:
        raise Stale(_("An app is set up already. Remove it before you set up another one."))
    totp = totp or TotpFactor(user_id=user_id)
    totp.sealed_seed, totp.created_at = seal(pyotp.random_base32()), now()
    db.session.add(totp)


@transaction()
def confirm_totp(user_id: UUID, *, code: str, by: Actor) -> None:
    """Make the app count, with its first code. Raise Invalid if the code is wrong, Stale without a new app."""
    user = lock_user(user_id)
    totp = db.session.get(TotpFactor, user_id, populate_existing=True)
    seed = readable_seed(totp) if totp and totp.confirmed_at is None else None
    if totp is None or seed is None:
        raise Stale(_("This code is no longer needed, or the set-up has to start again."))
    step = _step_of(seed, code, drift=DRIFT)
    if step is None:
        raise _wrong_code(is_clock_wrong=_step_of(seed, code, drift=_WRONG_CLOCK) is not None)
    totp.confirmed_at, totp.last_step = now(), step
    save_factors(
        user,
        Action.FACTOR_ADDED,
        by=by,
        after=TOTP,
        subject=_("Rollcall: an authenticator app was added to your account"),
        text=_("From now on, signing in to Rollcall asks for a code of the app."),
    )


@transaction()
def accept_totp(user_id: UUID, *, code: str) -> bool:
    """Use up a code of the app of a locked user. Return False if it is wrong, or was used."""
    totp = db.session.get(TotpFactor, user_id, populate_existing=True)
    seed = readable_seed(totp) if totp and totp.confirmed_at else None
    step = _step_of(seed, code, drift=DRIFT) if seed else None
    if step is None:
        return False
    unused = (TotpFactor.user_id == user_id) & (TotpFactor.last_step < step)
    used = update(TotpFactor).where(unused).values(last_step=step, last_used_at=now())
    return bool(db.session.connection().execute(used).rowcount)


def totp_address(seed: str, *, email: str, issuer: str) -> str:
    """Return the otpauth: address that the QR code contains. Names are cut, so that it fits."""
    return pyotp.TOTP(seed).provisioning_uri(name=email[:EMAIL_SHOWN], issuer_name=issuer[:ISSUER_SHOWN])


def _step_of(seed: str, code: str, *, drift: int) -> int | None:
    """Return the time step of the code, at most `drift` steps from now. Return None if there is none.

    People type spaces, and some keyboards type wide digits.
    """
    code = "".join(unicodedata.normalize("NFKC", code[:CODE_MAX]).split())
    if len(code) != CODE_DIGITS or not (code.isascii() and code.isdigit()):
        return None
    current, totp = int(now().timestamp()) // STEP_SECONDS, pyotp.TOTP(seed)
    for step in sorted(range(current - drift, current + drift + 1), key=lambda step: abs(step - current)):
        if compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _wrong_code(*, is_clock_wrong: bool) -> Invalid:
    if is_clock_wrong:
        text = _(
            "This code is of another time: the clock of your phone is wrong. Let the phone set its time, try again."
        )
        return Invalid(text, field="code", code="clock")
    return Invalid(_("This code is wrong. Enter the newest code of the app."), field="code", code="wrong")
