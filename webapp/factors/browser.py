"""What challenges of passkeys are bound to: this browser, and what the passkey is for."""

from __future__ import annotations

from flask import session

SIGN_IN = "sign in"
CONFIRM = "confirm"
REGISTER = "register"
RESET = "reset"


def ceremony(purpose: str) -> str:
    """Return `bound_to` of a challenge for this browser. It changes when someone signs in or out."""
    # Flask-WTF stores a random value that only this browser has, when a page has a form.
    return f"{purpose}:{session.get('csrf_token', '')}"
