"""Use and remove factors. `totp`, `recovery_codes` and `passkeys` add them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from webapp.audit.actions import Action
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.models import Passkey, RecoveryCode, TotpFactor
from webapp.factors.queries import factor_summary, get_passkey, passkeys_of
from webapp.factors.recovery_codes import accept_recovery_code, is_recovery_code
from webapp.factors.saving import TOTP, has_second_factor, save_factors
from webapp.factors.totp import accept_totp
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import revoke_tokens
from webapp.users.models import User
from webapp.users.queries import parse_uuid
from webapp.users.saving import lock_user


@transaction()
def use_code(user_id: UUID, *, code: str, by: Actor) -> None:
    """Use up a code of the person's app or a recovery code. Raise Invalid if it is wrong, or was used."""
    user = lock_user(user_id)
    if is_recovery_code(code):
        accepted = accept_recovery_code(user, code=code, by=by)
    else:
        accepted = accept_totp(user_id, code=code)
    if not accepted:
        # Whether the code is of another hour would help to guess codes: the text says it in any case.
        text = _(
            "This code is wrong, was used, or is too old. If your codes never work, check the clock of your phone."
        )
        raise Invalid(text, field="code", code="wrong")


@transaction()
def remove_factor(user_id: UUID, factor: str, *, by: Actor) -> None:
    """Remove "totp" or the passkey with this ID. Recovery codes go with the last second factor.

    If someone else removes it, the person's sessions end. Raise NotFound without this factor, and Invalid if it is the
    last way in of the person who removes it.
    """
    user = lock_user(user_id)
    name = _delete_totp(user) if factor == TOTP else _delete_passkey(user, factor, by=by)
    db.session.flush()
    if not has_second_factor(user):
        _delete_all(user, RecoveryCode)
    _end_sessions(user, by=by)
    save_factors(
        user,
        Action.FACTOR_REMOVED,
        by=by,
        before=name,
        subject=_("Rollcall: a passkey was removed from your account")
        if factor != TOTP
        else _("Rollcall: the authenticator app was removed from your account"),
        text=_("It no longer works for signing in to Rollcall."),
    )


@transaction()
def remove_all_factors(user_id: UUID, *, by: Actor) -> None:
    """Remove the person's app, passkeys and recovery codes. Idempotent.

    Sessions end if someone else removes them. People without a password cannot sign in until they reset it.
    """
    user = lock_user(user_id)
    found = factor_summary(user_id)
    names = [*(passkey.name for passkey in found.passkeys), *([TOTP] if found.totp else [])]
    for model in (Passkey, RecoveryCode, TotpFactor):
        _delete_all(user, model)
    if names or found.recovery_codes:
        _end_sessions(user, by=by)
        save_factors(
            user,
            Action.FACTOR_REMOVED,
            by=by,
            before=names,
            subject=_("Rollcall: all second factors were removed from your account"),
            text=_("Your authenticator app, passkeys and recovery codes no longer work for signing in to Rollcall."),
        )


def _delete_totp(user: User) -> str:
    totp = db.session.get(TotpFactor, user.id, populate_existing=True)
    if totp is None or totp.confirmed_at is None:
        raise NotFound(_("This authenticator app does not exist"))
    db.session.delete(totp)
    return TOTP


def _delete_passkey(user: User, factor: str, *, by: Actor) -> str:
    passkey = get_passkey(user.id, parse_uuid(factor))
    if by.id == user.id and not user.has_password and len(passkeys_of(user.id)) == 1:
        raise Invalid(_("This passkey is your only way to sign in. Add a password or another passkey first."))
    db.session.delete(passkey)
    return passkey.name


def _delete_all(user: User, model: type[Any]) -> int:
    return db.session.connection().execute(delete(model).where(model.user_id == user.id)).rowcount


def _end_sessions(user: User, *, by: Actor) -> None:
    if by.id != user.id:
        values = {"sessions_since": now(), "updated_at": User.updated_at}
        db.session.execute(update(User).where(User.id == user.id).values(values))
        revoke_tokens(user.id, [TokenKind.SIGN_IN])
