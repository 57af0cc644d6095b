"""Labels of the fields of a role."""

from __future__ import annotations

from collections.abc import Callable

from webapp.core.permissions import PERMISSION_LABELS
from webapp.core.texts import _

FIELD_LABELS = {
    "permissions": _("Permissions"),
}


def _permission_names(names: str) -> str:
    labels = {permission.value: str(label) for permission, label in PERMISSION_LABELS.items()}
    return "; ".join(labels.get(name, name) for name in names.split(", "))


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "permissions": _permission_names,
}
