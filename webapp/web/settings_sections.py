"""The sections of the settings, in the order of their navigation."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from webapp.core.texts import _
from webapp.web.guards import can_open
from webapp.web.menu import is_below


@dataclass(frozen=True)
class Section:
    """`endpoint` is the first page of the section. The addresses of its other pages begin with that of this page."""

    endpoint: str
    label: str
    icon: str
    note: str

    @property
    def url(self) -> str:
        return url_for(self.endpoint)

    @property
    def is_current(self) -> bool:
        return is_below(self.endpoint)

    @property
    def is_this_page(self) -> bool:
        return request.endpoint == self.endpoint


SECTIONS = (
    Section("organisation.edit", _("Organisation"), "home", _("Name, contact and logo in e-mails")),
    Section(
        "attributes.index", _("Attributes"), "list", _("More details about users, for example department or manager")
    ),
    Section("mail_settings.edit", _("E-mails"), "mail", _("Signature, introduction, mail server and a test e-mail")),
    Section(
        "settings.security", _("Security"), "shield", _("Rules for passwords, second factors, sessions and limits")
    ),
    Section("webhooks.index", _("Webhooks"), "upload", _("Tell other systems what changed")),
    Section(
        "event_push.edit",
        _("Event stream"),
        "history",
        _("Send changes and failed sign-ins to a SIEM, and how long they are kept"),
    ),
    Section("token_settings.index", _("API"), "terminal", _("Tokens of everyone, address and documentation")),
)


def settings_sections() -> list[Section]:
    """Return the sections that the signed-in user may open. For templates."""
    return [section for section in SECTIONS if can_open(current_app.view_functions[section.endpoint])]
