"""Forms of webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from wtforms import SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.texts import _, ngettext, pgettext
from webapp.web.forms import CreationForm, Form
from webapp.web.merging import VersionedForm
from webapp.webhooks.events import EVENTS, SECTIONS
from webapp.webhooks.labels import event_label
from webapp.webhooks.models import OVERLAP_HOURS_DEFAULT, Endpoint

OVERLAP_HOURS = (0, 1, 24, 72, 168)


@dataclass(frozen=True)
class EventRow:
    """An event as a checkbox."""

    name: str
    label: str
    checked: bool
    held: bool = True
    description: str = ""


@dataclass(frozen=True)
class EventSection:
    """The events under a heading. Templates print it like permissions of roles, so they have this name."""

    label: str
    permissions: list[EventRow]


class _WebhookFields(Form):
    url = StringField(pgettext("of a server", "Address"), [InputRequired(_("Enter an address"))])
    description = StringField(_("Description"), [Optional()])
    events = SelectMultipleField(
        _("Events"),
        choices=[SelectChoice(name, event_label(name)) for name in EVENTS],
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validate_choice=False,
    )

    @property
    def sections(self) -> list[EventSection]:
        chosen = set(self.events.data or ())
        return [
            EventSection(label, [EventRow(each.value, event_label(each), each.value in chosen) for each in actions])
            for label, actions in SECTIONS.items()
        ]

    @property
    def webhook(self) -> dict[str, Any]:
        """The arguments of the service."""
        return {
            "url": self.url.data or "",
            "description": self.description.data or "",
            "events": self.events.data or [],
        }


class NewWebhookForm(_WebhookFields, CreationForm):
    pass


class EditWebhookForm(_WebhookFields, VersionedForm):
    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        """Return the form with the saved values."""
        names = ("url", "description", "events", "version")
        return cls(None, data={name: getattr(endpoint, name) for name in names})


def _hours() -> list[SelectChoice]:
    texts = {each: ngettext("%(count)s hour", "%(count)s hours", each, count=each) for each in OVERLAP_HOURS}
    return [SelectChoice(each, text if each else _("Not at all")) for each, text in texts.items()]


def _hour(text: object) -> int:
    """Return the number, or -1, which the service refuses."""
    return int(str(text)) if str(text) in set(map(str, OVERLAP_HOURS)) else -1


class SecretRotationForm(CreationForm):
    overlap_hours = SelectField(
        _("Also sign with the old secret for"),
        coerce=_hour,
        choices=_hours,
        default=OVERLAP_HOURS_DEFAULT,
        validate_choice=False,
    )
