"""What browsers need to create or use a passkey (WebAuthn level 3), and whether they allow passkeys."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webapp.core.context import current_settings
from webapp.factors.challenges import new_challenge
from webapp.factors.queries import passkeys_of
from webapp.users.models import User


def passkeys_work() -> bool:
    """Whether browsers allow passkeys at BASE_URL: only over HTTPS or on localhost, and not for IP addresses."""
    host = passkey_host()
    is_address = ":" in host or host.replace(".", "").isdigit()
    return host == "localhost" or (current_settings().secure and not is_address)


def registration_options(user: User, *, bound_to: str) -> dict[str, Any]:
    """Return the options of navigator.credentials.create() as JSON. `bound_to`: see `challenges`."""
    from webauthn import generate_registration_options  # noqa: PLC0415  0.1 s, needed only to use passkeys
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415  as above

    options = generate_registration_options(
        rp_id=passkey_host(),
        rp_name="Rollcall",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=new_challenge(bound_to),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(each.credential_id) for each in passkeys_of(user.id)
        ],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    return options_to_json_dict(options)


def authentication_options(user_id: UUID | None = None, *, bound_to: str) -> dict[str, Any]:
    """Return the options of navigator.credentials.get() as JSON: for the person's passkeys, or for any."""
    from webauthn import generate_authentication_options  # noqa: PLC0415  0.1 s, needed only to use passkeys
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415  as above

    own = passkeys_of(user_id) if user_id else []
    options = generate_authentication_options(
        rp_id=passkey_host(),
        challenge=new_challenge(bound_to),
        allow_credentials=[structs.PublicKeyCredentialDescriptor(each.credential_id) for each in own],
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def passkey_host() -> str:
    """Return the host for which passkeys are valid (the ID of the relying party)."""
    return urlsplit(current_settings().base_url).hostname or ""
