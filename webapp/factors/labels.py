"""Labels of factors."""

from __future__ import annotations

from webapp.core.texts import _
from webapp.factors.saving import TOTP

FIELD_LABELS = {
    "factor": _("Sign-in method"),
}


def factor_text(name: str) -> str:
    """Return the name of a factor in an audit record, for people to read."""
    return str(_("Authenticator app")) if name == TOTP else name
