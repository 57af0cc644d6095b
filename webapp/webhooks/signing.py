"""Secrets and signatures of the Standard Webhooks specification."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook

from webapp.core.clock import now
from webapp.core.sealing import unseal
from webapp.webhooks.models import Endpoint

SECRET_PREFIX = "whsec_"
# The specification asks for 24 to 64.
SECRET_BYTES = 32


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secrets_of(endpoint: Endpoint) -> list[str]:
    """Return the secrets that sign now: the current one, then the previous one while both count. Raise NotReadable."""
    found = [unseal(endpoint.sealed_secret)]
    if endpoint.sealed_previous_secret and (endpoint.previous_secret_until or now()) > now():
        found.append(unseal(endpoint.sealed_previous_secret))
    return found


def message_id(delivery_id: UUID) -> str:
    """Return the ID by which a receiver recognises a repeated delivery."""
    return f"msg_{delivery_id.hex}"


def signed_headers(signers: Sequence[Webhook], *, id: str, body: str, at: datetime) -> dict[str, str]:
    signatures = [signer.sign(msg_id=id, timestamp=at, data=body) for signer in signers]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
    }
