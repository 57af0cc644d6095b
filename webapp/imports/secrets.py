"""Passwords and password hashes of rows. They are sealed beside the plan, never in it, and deleted with the file."""

from __future__ import annotations

import json
from typing import NamedTuple

from webapp.core.passwords import hash_password
from webapp.core.sealing import seal, unseal


class Secret(NamedTuple):
    """A plain password, or a password hash. `was_plain`: someone else knows the password."""

    password: str | None
    password_hash: str | None
    was_plain: bool = False


def sealed_secret(password: str | None, password_hash: str | None) -> str | None:
    """Return the sealed text. None if there is neither. A hash counts more than a password."""
    if not password and not password_hash:
        return None
    return seal(json.dumps([None if password_hash else password, password_hash, not password_hash]))


def hashed_secret(sealed: str | None) -> Secret:
    """Return the secret with the hash of its password. A plain password takes 0.3 s. Raise NotReadable, Busy.

    A hash of another system is stored as it is, and replaced at the first sign-in.
    """
    if sealed is None:
        return Secret(None, None)
    secret = Secret(*json.loads(unseal(sealed)))
    return secret._replace(password=None, password_hash=hash_password(secret.password)) if secret.password else secret
