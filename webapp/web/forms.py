"""The base of all forms: shape only. What a service refuses is shown beside the field it names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField
from wtforms.validators import Optional

from webapp.core.errors import Invalid, Refused
from webapp.core.formats import to_viewer_timezone, viewer_timezone
from webapp.core.texts import _

T = TypeVar("T")


class Form(FlaskForm):
    """A WTForms form with CSRF protection."""

    def add_error(self, error: Refused, *, default_field: str = "") -> None:
        """Shows a refusal beside its field; one that names none of this form's beside `beside`, or above the form."""
        problems = [(problem.field, problem.message) for problem in error.problems] or [("", error.message)]
        for name, message in problems:
            field = self._fields.get(name if name in self._fields else default_field)
            if field is not None:
                # What the form itself found first is enough.
                field.errors = field.errors or [message]
            else:
                self.form_errors.append(message)

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by field, without the CSRF token."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


def catch_invalid(form: Form, change: Callable[[], T]) -> T | None:
    """What `change` gives; None when something that was typed is not right, which the form then shows."""
    try:
        return change()
    except Invalid as error:
        form.add_error(error)
        return None


def uuid_or_nil(value: str) -> UUID:
    """An id that was chosen from a list; one that cannot be is like one that is gone."""
    with suppress(ValueError):
        return UUID(value)
    return UUID(int=0)


class LocalDateTimeField(DateTimeLocalField):
    """A date and a time of day in the viewer's time zone; `utc` is the same moment in UTC."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **options)

    def process_data(self, value: datetime | None) -> None:
        self.data = to_viewer_timezone(value).replace(tzinfo=None) if value else None

    def process_formdata(self, values: list[str]) -> None:
        try:
            super().process_formdata(values)
        except ValueError:
            raise ValueError(_("Enter a date and a time")) from None

    @property
    def utc(self) -> datetime | None:
        """What was typed, in UTC."""
        try:
            return self.data.replace(tzinfo=viewer_timezone()).astimezone(UTC) if self.data else None
        except OverflowError:
            raise Invalid(_("Enter a date and a time"), field=self.name, code="malformed") from None


def safe_next(address: str | None, default: str) -> str:
    """`address` when it stays on this site, else `default`."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return default
    try:
        parts = urlsplit(address)
    except ValueError:
        return default
    clean = address.isprintable() and "\\" not in address
    return address if clean and not parts.netloc and not parts.scheme else default
