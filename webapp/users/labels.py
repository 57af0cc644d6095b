"""Labels of the fields and states of a user."""

from __future__ import annotations

from webapp.core.texts import _
from webapp.users.models import Status

FIELD_LABELS = {
    "email": _("E-mail address"),
    "username": _("Username"),
    "name": _("Name"),
    "password": _("Password"),
    "status": _("Status"),
    "locale": _("Language"),
    "timezone": _("Time zone"),
    "theme": _("Theme"),
    "starts_at": _("Starts"),
    "ends_at": _("Ends"),
}
THEME_LABELS = {
    "system": _("System"),
    "light": _("Light"),
    "dark": _("Dark"),
}
STATUS_LABELS = {
    Status.ACTIVE: _("Active"),
    Status.INVITED: _("No password yet"),
    Status.DEACTIVATED: _("Deactivated"),
    Status.DELETED: _("Deleted"),
}
