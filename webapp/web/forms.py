"""The base of all forms. Forms check only the shape of values; services check rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import DateTimeLocalField, StringField
from wtforms.validators import Optional
from wtforms.widgets import DateTimeLocalInput, HiddenInput

from webapp.core.errors import Invalid, Refused, TooManyRequests
from webapp.core.formats import viewer_timezone
from webapp.core.moments import from_local_time, to_utc, to_zone
from webapp.core.texts import DEFAULT_TIMEZONE, _, timezones
from webapp.core.tokens import new_token

T = TypeVar("T")


class Form(FlaskForm):
    """A WTForms form with CSRF protection. A form with errors sets `g.has_form_errors` for the title of the page.

    Hidden fields have the label "". Without one, WTForms translates their name, and reads the file of its translations
    in each request.
    """

    def validate(self, extra_validators: Any = None) -> bool:
        g.has_form_errors = not super().validate(extra_validators)
        return not g.has_form_errors

    def add_error(self, error: Refused, *, default_field: str = "") -> None:
        """Show each problem beside its field. Without such a field: beside `default_field`, or else above the form."""
        g.has_form_errors = True
        problems = [(problem.field, problem.message) for problem in error.problems] or [("", error.message)]
        # Where the form has found an error, the service says the same in other words.
        reported = {name for name, field in self._fields.items() if field.errors}
        for name, message in problems:
            field_name = name if name in self._fields else default_field
            if field_name in reported:
                continue
            errors = self._errors_of(field_name)
            if message not in errors:
                errors.append(message)

    def _errors_of(self, name: str) -> list[str]:
        """Return the list of errors of the field, or that of the form if there is no such field."""
        field = self._fields.get(name)
        if field is None:
            return cast(list[str], self.form_errors)
        field.errors = list(field.errors)
        return cast(list[str], field.errors)

    @property
    def problem_links(self) -> list[tuple[str, str | None]]:
        """Return each error once, with the ID of its first visible field or None."""
        links: dict[str, str | None] = dict.fromkeys(map(str, self.form_errors))
        for field in self:
            is_hidden = getattr(field.widget, "input_type", "") == "hidden"
            for message in map(str, field.errors):
                links.setdefault(message, None if is_hidden else field.id)
        return list(links.items())

    @property
    def values(self) -> dict[str, Any]:
        """Return the value of each field except the CSRF token."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class CreationForm(Form):
    """A form that creates something. `created_once` recognises by its token that it was sent twice."""

    # No ID: a page can have several of these forms.
    form_token = StringField("", widget=HiddenInput(), render_kw={"id": False}, default=new_token)

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values.items() if name != "form_token"}


def catch_invalid(form: Form, change: Callable[[], T]) -> T | None:
    """Return the result of `change`. If it raises Invalid, show the error in the form and return None."""
    try:
        return change()
    except Invalid as error:
        form.add_error(error)
        return None


def wait_page(form: Form, error: TooManyRequests, show: Callable[[], str]) -> ResponseReturnValue:
    """Return the page that `show` returns: the form with what was typed, and how long to wait."""
    form.add_error(error)
    return show(), error.status, {"Retry-After": str(error.retry_after)}


def uuid_or_nil(value: str) -> UUID:
    """Return the ID of a choice. Return the nil UUID, which no row has, if it is malformed."""
    with suppress(ValueError):
        return UUID(value)
    return UUID(int=0)


class _LocalDateTimeInput(DateTimeLocalInput):
    """Adds a hidden input with the time zone, and with the time and its offset."""

    def __call__(self, field: LocalDateTimeField, **attributes: Any) -> Markup:
        opened = Markup('<input type="hidden" name="{}" value="{}">').format(field.opened_name, field.opened_value)
        return Markup("{}{}").format(super().__call__(field, **attributes), opened)


class LocalDateTimeField(DateTimeLocalField):
    """A date and time. `data` is in UTC. The input shows it in `zone`, that of the viewer when the form was opened.

    A hidden input keeps the zone and the exact time (RFC 9557). So an unchanged form changes nothing, even if the
    local time occurs twice, or if the viewer chose another time zone meanwhile.
    """

    widget = _LocalDateTimeInput()

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, [Optional()], **options)

    def process(self, formdata: Any, *args: Any, **options: Any) -> None:
        sent = formdata.get(self.opened_name, "") if formdata else ""
        opened, _bracket, zone = sent.removesuffix("]").partition("[")
        self._opened = _parse_time(opened)
        is_known = zone == DEFAULT_TIMEZONE or zone in timezones()
        self.zone = ZoneInfo(zone) if is_known else viewer_timezone()
        super().process(formdata, *args, **options)

    def process_formdata(self, values: list[str]) -> None:
        text = "".join(values[:1]).strip()
        if values:
            self.data = self.parse(text) if text else None

    def parse(self, text: str) -> datetime:
        """Return the time in UTC of a local time, or of a time with an offset. Raise ValueError."""
        time = _parse_time(text)
        if time is None:
            raise ValueError(_("Enter a date and a time"))
        if self._opened and self._opened.tzinfo and text == self._local_text(self._opened):
            return to_utc(self._opened)
        moment = to_utc(time) if time.tzinfo else from_local_time(time, self.zone)
        if moment is None:
            raise ValueError(_("Clocks go forward then, so this time does not exist"))
        return moment

    @property
    def opened_name(self) -> str:
        return f"{self.name}.opened"

    @property
    def opened_value(self) -> str:
        return f"{to_zone(self.data, self.zone).isoformat() if self.data else ''}[{self.zone.key}]"

    def _value(self) -> str:
        return self._local_text(self.data) if self.data else " ".join(self.raw_data or ())

    def _local_text(self, moment: datetime) -> str:
        """Return the time as an input shows it, with seconds only if there are any."""
        local = to_zone(moment, self.zone).replace(tzinfo=None)
        return local.isoformat(timespec="seconds" if local.second else "minutes")


def _parse_time(text: str) -> datetime | None:
    """Return the time of an ISO 8601 text, or None. A day without a time is not enough."""
    with suppress(ValueError):
        if len(text) >= len("2027-01-01T00:00"):
            return datetime.fromisoformat(text)
    return None


def safe_next(address: str | None, default: str) -> str:
    """Return `address` if it is on this site, else `default`."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return default
    try:
        parts = urlsplit(address)
    except ValueError:
        return default
    is_plain = address.isprintable() and "\\" not in address
    return address if is_plain and not parts.netloc and not parts.scheme else default
