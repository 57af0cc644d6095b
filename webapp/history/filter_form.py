"""The filter form of the audit page, as history/_filters.html prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.attributes.display import field_label, field_labels
from webapp.audit.labels import ACTION_LABELS
from webapp.core.formats import format_date, format_datetime
from webapp.core.text import fold_text
from webapp.core.texts import _
from webapp.history.filters import ParsedQuery, PersonFilter
from webapp.history.labels import FIELD_LABELS
from webapp.history.schemas import HistoryQuery, is_day


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class TimeField:
    """`type` is the input's type: `date` for a day, `text` for a time."""

    name: str
    label: str
    type: str
    value: str


@dataclass(frozen=True)
class Chip:
    """One filter that is set. `name` is its parameter."""

    name: str
    label: str
    text: str


@dataclass(frozen=True)
class FilterForm:
    actor: str
    actor_name: str
    subject: str
    subject_name: str
    actions: list[Option]
    fields: list[Option]
    times: list[TimeField]
    chips: list[Chip]


def filter_form(query: HistoryQuery, parsed: ParsedQuery) -> FilterForm:
    # The names of the filters of an export would be among the fields twice.
    labels = {name: label for name, label in field_labels().items() if name not in FIELD_LABELS}
    fields = _options(labels, query.field)
    if query.field and query.field not in labels:
        fields.append(Option(query.field, field_label(query.field) or query.field, selected=True))
    return FilterForm(
        actor=parsed.actor.text if parsed.actor else "",
        actor_name=parsed.actor.name if parsed.actor else "",
        subject=parsed.subject.text if parsed.subject else "",
        subject_name=parsed.subject.name if parsed.subject else "",
        actions=_options(ACTION_LABELS, query.action),
        fields=fields,
        times=[_time_field("since", _("From"), query.since), _time_field("until", _("Until"), query.until)],
        chips=_chips(query, parsed),
    )


def _options(labels: Mapping[Any, str], selected: str | None) -> list[Option]:
    """Sorted by label, in the viewer's language."""
    options = [Option(str(value), str(label), value == selected) for value, label in labels.items()]
    return sorted(options, key=lambda option: fold_text(option.label))


def _time_field(name: str, label: str, value: str) -> TimeField:
    return TimeField(name, label, "date" if not value or is_day(value) else "text", value)


def _chips(query: HistoryQuery, parsed: ParsedQuery) -> list[Chip]:
    # `until` is exclusive. The form shows the day that is included.
    last = parsed.until - timedelta(seconds=1) if parsed.until else None
    chips = [
        Chip("actor", _("Changed by"), _person_text(parsed.actor)),
        Chip("subject", _("Subject"), _person_text(parsed.subject)),
        Chip("action", _("Action"), ACTION_LABELS[query.action] if query.action else ""),
        Chip("field", _("Field"), field_label(query.field) or query.field),
        Chip("since", _("From"), _time_text(query.since, parsed.since, parsed.since)),
        Chip("until", _("Until"), _time_text(query.until, last, parsed.until)),
    ]
    return [chip for chip in chips if chip.text]


def _person_text(person: PersonFilter | None) -> str:
    return person.name or person.text if person else ""


def _time_text(given: str, day: datetime | None, time: datetime | None) -> str:
    if not day or not time:
        return ""
    return format_date(day) if is_day(given) else format_datetime(time)
