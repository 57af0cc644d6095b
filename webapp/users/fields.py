"""What people call the fields of a user."""

from webapp.attributes.showing import attribute_label
from webapp.core.texts import _

FIELD_LABELS = {
    "email": _("E-mail address"),
    "username": _("Username"),
    "name": _("Name"),
    "password": _("Password"),
    "role": _("Role"),
    "status": _("Status"),
    "locale": _("Language"),
    "timezone": _("Time zone"),
    "theme": _("Theme"),
    "within": _("Where"),
    "group": _("Group"),
    "inside": _("Inside"),
    "description": _("Description"),
    "permissions": _("Permissions"),
    "starts_at": _("Starts"),
    "ends_at": _("Ends"),
    "token": _("Token"),
    "key": _("Key"),
    "kind": _("Type"),
    "label_en": _("Name in English"),
    "label_ru": _("Name in Russian"),
    "help": _("Help text"),
    "choices": _("Choices"),
    "required": _("Required"),
    "unique": _("Unique"),
    "sortable": _("Sort the list by it"),
    "visible_to": _("Who sees it"),
    "editable_by": _("Who changes it"),
    "position": _("Place"),
    "address": _("Filters"),
    "shared": _("Shared"),
    "list_columns": _("Columns of the list"),
    "list_density": _("Density of the list"),
    "list_limit": _("Rows per page"),
    "default_view": _("First view of the list"),
    "people": _("People"),
    "format": _("Format"),
    "attribute": _("Attribute"),
    "bulk_action": _("What was done"),
    "bulk_done": _("People changed"),
    "bulk_same": _("People who were so already"),
    "bulk_refused": _("People who could not be changed"),
    "bulk_overtaken": _("People changed by others since the preview"),
    "bulk_skipped": _("People left as they were"),
    "bulk_undone": _("People put back"),
    "bulk_kept": _("People not put back"),
}


def field_label(name: str) -> str | None:
    """What people call a field of a change; None for one that nobody named."""
    return FIELD_LABELS.get(name) or attribute_label(name)
