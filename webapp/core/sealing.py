"""Encrypts secrets that Rollcall must be able to read: seeds of one-time codes, e-mails before their delivery."""

from __future__ import annotations

import base64
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from webapp.core.context import current_settings


class NotReadable(Exception):
    """The text was encrypted with another SECRET_KEY, or it is damaged."""


def seal(text: str) -> str:
    """Encrypt `text` with a key derived from SECRET_KEY. Return ASCII of 1.4 times its length and 100 characters."""
    return seal_bytes(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Return the text that `seal` encrypted, also with a key of SECRET_KEY_PREVIOUS. Raise NotReadable."""
    return unseal_bytes(sealed.encode()).decode()


def seal_bytes(content: bytes) -> bytes:
    """Encrypt `content`. Return 1.4 times its length and 100 bytes, in the alphabet of Base64."""
    return _cipher().encrypt(content)


def unseal_bytes(sealed: bytes) -> bytes:
    """Return the content that `seal_bytes` encrypted. Raise NotReadable as `unseal`."""
    try:
        return _cipher().decrypt(sealed)
    except InvalidToken:
        raise NotReadable("This was encrypted with another SECRET_KEY.") from None


def _cipher() -> MultiFernet:
    settings = current_settings()
    keys = [settings.secret_key.get_secret_value(), *settings.previous_secret_keys]
    return _cipher_of(tuple(keys))


@lru_cache(maxsize=4)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    """Return 256 bits. SECRET_KEY is random, so one HMAC is enough (NIST SP 800-108)."""
    return hmac.digest(key.encode(), b"rollcall sealed secrets", "sha256")
