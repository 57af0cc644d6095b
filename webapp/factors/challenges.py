"""Challenges of passkeys: given out without a row, valid in one browser, for one purpose, once."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import Gone
from webapp.core.texts import _

LIFETIME = timedelta(minutes=10)
NONCE_BYTES = 16
_TIME_BYTES = 8


def new_challenge(bound_to: str) -> bytes:
    """Return a challenge for the browser and purpose that `bound_to` names."""
    start = int(now().timestamp()).to_bytes(_TIME_BYTES, "big") + secrets.token_bytes(NONCE_BYTES)
    return start + _signature(start, bound_to)


def check_challenge(challenge: bytes, bound_to: str) -> None:
    """Raise Gone if the challenge was not given out for `bound_to` in the last LIFETIME."""
    start, signature = challenge[: _TIME_BYTES + NONCE_BYTES], challenge[_TIME_BYTES + NONCE_BYTES :]
    age = now().timestamp() - int.from_bytes(start[:_TIME_BYTES], "big")
    is_ours = hmac.compare_digest(signature, _signature(start, bound_to))
    if not is_ours or not -1 <= age <= LIFETIME.total_seconds() + 1:
        raise Gone(_("Too much time has passed. Try the passkey again."))


def _signature(start: bytes, bound_to: str) -> bytes:
    key = hmac.digest(current_settings().secret_key.get_secret_value().encode(), b"rollcall passkeys", "sha256")
    return hmac.digest(key, start + bound_to.encode(), "sha256")
