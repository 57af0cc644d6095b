"""Random tokens: given out once, kept as a SHA-256."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token(prefix: str = "") -> str:
    """256 random bits in URL-safe base64, behind `prefix`."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """64 hexadecimal digits. A fast hash is enough: nobody can guess 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
