"""Format the values of audit records as HTML. In Python, because a macro call for each value doubled a page's time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup, escape

from webapp.access.models import role_label
from webapp.attributes.display import format_attribute_value
from webapp.audit.labels import ValueTexts
from webapp.audit.services import Value
from webapp.core.context import current_registry
from webapp.core.texts import LOCALES, _
from webapp.users.labels import STATUS_LABELS, THEME_LABELS
from webapp.users.models import Status
from webapp.web.templating import exact


def shown_value(field: str, value: Value) -> Markup:
    """Return one value of a changed field as HTML."""
    if value is None or value == "":
        return quiet(_("empty"))
    if isinstance(value, list):
        return isolated(", ".join(_text(field, each) for each in value))
    if field in _BY_FIELD:
        return _BY_FIELD[field](value)
    return isolated(_text(field, value))


def _text(field: str, value: str) -> str:
    text_of = current_registry().get(ValueTexts).get(field)
    if text_of is None:
        return format_attribute_value(field, value)
    # A newer version of Rollcall may have recorded a value that this one does not know.
    with suppress(ValueError):
        return str(text_of(value))
    return value


def mailto_url(email: str) -> str:
    return "mailto:" + quote(email, safe="/@")


def isolated(text: str) -> Markup:
    """Return a text that a person typed, in `bdi`, so that its direction does not reorder the text around it."""
    return Markup(f"<bdi>{escape(text)}</bdi>")  # noqa: S704  escaped


def quiet(text: str) -> Markup:
    return Markup(f'<span class="quiet">{escape(text)}</span>')  # noqa: S704  escaped


def _language(code: str) -> Markup:
    if code not in LOCALES:
        return escape(code)
    return Markup(f'<span lang="{code}">{escape(LOCALES[code])}</span>')  # noqa: S704  escaped


_BY_FIELD: dict[str, Callable[[str], Markup]] = {
    "status": lambda status: escape(STATUS_LABELS[Status(status)]),
    "role": lambda name: escape(role_label(name)),
    "theme": lambda theme: escape(THEME_LABELS.get(theme, THEME_LABELS["system"])),
    "locale": _language,
    "starts_at": lambda text: exact(datetime.fromisoformat(text)),
    "ends_at": lambda text: exact(datetime.fromisoformat(text)),
}
