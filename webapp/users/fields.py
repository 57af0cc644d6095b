"""What people call the fields of a user."""

from webapp.core.languages import _

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
    "token": _("Token"),
}
