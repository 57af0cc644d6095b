"""Random tokens. They are shown once and stored as SHA-256."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token(prefix: str = "") -> str:
    """Return `prefix` and 256 random bits in URL-safe base64."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return 64 hexadecimal digits. A fast hash is enough, because no one can guess 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def hashed_key(kind: str, text: str) -> str:
    """Return a key for counting that shows neither addresses nor tokens."""
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
