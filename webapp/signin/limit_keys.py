"""What requests count for in rate limits: the address that sends them, or the person who is signed in."""

from __future__ import annotations

from flask_login import current_user

from webapp.core.tokens import hashed_key
from webapp.signin.identity import client_address


def address_key() -> str:
    return hashed_key("address", client_address())


def user_key() -> str:
    return hashed_key("user", str(getattr(current_user, "id", "")))
