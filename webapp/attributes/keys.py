"""Derives the key of a new attribute from its name."""

from __future__ import annotations

import re

from anyascii import anyascii

from webapp.attributes.models import ATTRIBUTES_MAX, KEY_MAX, LABEL_MAX
from webapp.attributes.queries import key_exists

_WORDS = re.compile("[a-z0-9]+")


def derive_key(label: str) -> str:
    """Return the name in Latin letters: `Дата приёма` becomes `data_priema`. Empty if it has no letters."""
    words = _WORDS.findall(anyascii(label[:LABEL_MAX]).lower())
    return "_".join(words).lstrip("0123456789_")[:KEY_MAX].rstrip("_")


def unused_key(label: str) -> str:
    """Return the derived key, with a number at its end if the key is or was in use."""
    key = derive_key(label)
    if not key or not key_exists(key):
        return key
    numbered = (f"{key[: KEY_MAX - len(suffix)]}{suffix}" for suffix in (f"_{n}" for n in range(2, ATTRIBUTES_MAX + 2)))
    return next((key for key in numbered if not key_exists(key)), "")
