"""Labels of the fields of an API token, and of its states."""

from __future__ import annotations

from collections.abc import Callable

from webapp.api_tokens.models import TokenState
from webapp.core.permissions import PERMISSION_LABELS, Permission
from webapp.core.texts import _, pgettext

FIELD_LABELS = {
    "token": _("Token"),
    "token_prefix": _("Begins with"),
    "token_scopes": _("Permissions"),
    "token_addresses": _("Address ranges"),
}
STATE_LABELS = {
    TokenState.ACTIVE: pgettext("token", "Active"),
    TokenState.EXPIRED: pgettext("token", "Expired"),
    TokenState.REVOKED: pgettext("token", "Revoked"),
}


def permission_label(name: str) -> str:
    """Return the label of a permission, or its name if the code no longer has it."""
    return PERMISSION_LABELS.get(Permission(name), name) if name in set(Permission) else name


VALUE_TEXTS: dict[str, Callable[[str], str]] = {"token_scopes": permission_label}
