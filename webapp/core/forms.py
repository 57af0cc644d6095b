"""The base of all forms: shape only. What a service refuses is shown beside the field it names."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask_wtf import FlaskForm

from webapp.core.errors import Refused


class Form(FlaskForm):
    """A WTForms form with CSRF protection."""

    def refuse(self, error: Refused) -> None:
        """Shows a refusal: beside its field, or above the form when it names none of this form's."""
        for problem in error.problems:
            field = self._fields.get(problem.field)
            if field is not None:
                # What the form itself found first is enough.
                field.errors = field.errors or [problem.message]
            else:
                self.form_errors.append(problem.message)
        if not error.problems:
            self.form_errors.append(error.message)

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by field, without the CSRF token."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


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
