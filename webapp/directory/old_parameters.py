"""Parameters of earlier addresses of the list. They keep their meaning; the filter form replaces them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta

from webapp.core.periods import RANGE
from webapp.core.texts import _

# Parameter → the term of a search that means the same.
OLD_PARAMETERS = {
    "never_signed_in": "last_sign_in:never",
    "last_sign_in_after": "last_sign_in:>={}",
    "last_sign_in_before": "last_sign_in:<{}",
    "created_from": "created:>={}",
    "created_to": "created:<={}",
}
OLD_LABELS = {
    "never_signed_in": _("Last sign-in"),
    "last_sign_in_before": _("Last sign-in before"),
    "last_sign_in_after": _("Last sign-in after"),
    "created_from": _("Created from"),
    "created_to": _("Created until"),
}


def current_text(name: str, parameters: Mapping[str, str]) -> str:
    """Return the text of a parameter, also if the address has the earlier ones instead."""
    if text := parameters.get(name, "") or old_period(name, parameters):
        return text
    return "never" if name == "last_sign_in" and parameters.get("never_signed_in") else ""


def old_period(name: str, parameters: Mapping[str, str]) -> str:
    """Return the period of the earlier parameters of `created` or `last_sign_in`. Return "" if there is none."""
    first, last = "", ""
    if name == "created":
        first, last = parameters.get("created_from", ""), parameters.get("created_to", "")
    if name == "last_sign_in":
        first, last = parameters.get("last_sign_in_after", ""), parameters.get("last_sign_in_before", "")
        with suppress(ValueError, OverflowError):
            last = str(date.fromisoformat(last) - timedelta(days=1))
    return f"{first}{RANGE}{last}" if first or last else ""
