"""The base of all forms. Forms check only the shape of values; services check rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField
from wtforms.validators import Optional

from webapp.core.errors import Invalid, Refused
from webapp.core.formats import to_viewer_timezone, viewer_timezone
from webapp.core.moments import to_utc
from webapp.core.texts import _

T = TypeVar("T")


class Form(FlaskForm):
    """A WTForms form with CSRF protection."""

    def add_error(self, error: Refused, *, default_field: str = "") -> None:
        """Show each problem beside its field. Without such a field: beside `default_field`, or else above the form."""
        problems = [(problem.field, problem.message) for problem in error.problems] or [("", error.message)]
        for name, message in problems:
            field = self._fields.get(name if name in self._fields else default_field)
            if field is not None:
                # One error is enough: keep that of the form.
                field.errors = field.errors or [message]
            else:
                self.form_errors.append(message)

    @property
    def values(self) -> dict[str, Any]:
        """Return the value of each field except the CSRF token."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


def catch_invalid(form: Form, change: Callable[[], T]) -> T | None:
    """Return the result of `change`. If it raises Invalid, show the error in the form and return None."""
    try:
        return change()
    except Invalid as error:
        form.add_error(error)
        return None


def uuid_or_nil(value: str) -> UUID:
    """Return the ID of a choice. Return the nil UUID, which no row has, if it is malformed."""
    with suppress(ValueError):
        return UUID(value)
    return UUID(int=0)


class LocalDateTimeField(DateTimeLocalField):
    """A date and time in the time zone of the viewer."""

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
        """Return the value in UTC."""
        return to_utc(self.data.replace(tzinfo=viewer_timezone())) if self.data else None


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
