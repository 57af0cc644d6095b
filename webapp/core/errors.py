"""Refusals: an exception with words, a status and a field. One handler renders it as a page or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field; `code` is for programs, `message` for people."""

    field: str
    code: str
    message: str


class Refused(Exception):
    """The change is not made. The base of all refusals."""

    status = 400
    code = "refused"

    def __init__(self, message: str, *, field: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.problems = [Problem(field, code or self.code, message)] if field else []

    def __str__(self) -> str:
        return str(self.message)


class Invalid(Refused):
    """What was given cannot be used as it is; holds every problem found."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, problems: list[Problem] | None = None, *, field: str = "", code: str = "") -> None:
        super().__init__(message, field=field, code=code)
        self.problems = problems or self.problems


class NotFound(Refused):
    status = 404
    code = "not_found"


class Forbidden(Refused):
    status = 403
    code = "forbidden"


class NotSignedIn(Refused):
    status = 401
    code = "not_signed_in"


class ConfirmationRequired(Refused):
    """What is sensitive asks for the password again."""

    status = 403
    code = "unconfirmed"


class Taken(Refused):
    """Another row has this key already."""

    status = 409
    code = "taken"


class Stale(Refused):
    """Somebody else changed it since it was read."""

    status = 409
    code = "stale"


class Deleted(Refused):
    """It is in the bin, where nothing but coming back can happen to it."""

    status = 409
    code = "deleted"


class PreconditionFailed(Refused):
    """It is not the version that `If-Match` asks for (RFC 9110, 13.1.1)."""

    status = 412
    code = "stale"


class Gone(Refused):
    """A one-time link was used, or has run out."""

    status = 410
    code = "gone"


class Busy(Refused):
    """Too much at once; it works again in `retry_after` seconds."""

    status = 503
    code = "busy"
    retry_after = 2


@contextmanager
def report_on_field(field: str) -> Iterator[None]:
    """What is refused inside and names no field of its own, or another one, is about `field`."""
    try:
        yield
    except Refused as error:
        code = error.problems[0].code if error.problems else error.code
        error.problems = [Problem(field, code, error.message)]
        raise
