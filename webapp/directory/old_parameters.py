"""Parameters of earlier addresses of the list. They keep their meaning; the filter form replaces them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta

from webapp.core.periods import RANGE

# Parameter → the one that replaces it.
OLD_PARAMETERS = {
    "never_signed_in": "last_sign_in",
    "last_sign_in_after": "last_sign_in",
    "last_sign_in_before": "last_sign_in",
    "created_from": "created",
    "created_to": "created",
}


def current_text(name: str, parameters: Mapping[str, str]) -> str:
    """Return the text of a parameter, also if the address has the earlier ones instead."""
    if text := parameters.get(name, ""):
        return text
    if name == "created":
        return _range(parameters.get("created_from", ""), parameters.get("created_to", ""))
    if name == "last_sign_in":
        before = parameters.get("last_sign_in_before", "")
        with suppress(ValueError, OverflowError):
            before = str(date.fromisoformat(before) - timedelta(days=1))
        period = _range(parameters.get("last_sign_in_after", ""), before)
        return period or ("never" if parameters.get("never_signed_in") else "")
    return ""


def _range(first: str, last: str) -> str:
    return f"{first}{RANGE}{last}" if first or last else ""
