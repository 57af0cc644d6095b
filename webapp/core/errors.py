"""Errors for people: a message, an HTTP status and a field. `web/error_pages.py` renders them as a page or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A problem of one field. `code` is for programs, `message` for people."""

    field: str
    code: str
    message: str


class Refused(Exception):
    """The base class of these errors. The change was not made."""

    status = 400
    code = "refused"

    def __init__(self, message: str, *, field: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.problems = [Problem(field, self.code, message)] if field else []

    def __str__(self) -> str:
        return str(self.message)


class Invalid(Refused):
    """The input is not valid. Contains all problems that were found."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, problems: list[Problem] | None = None, *, field: str = "", code: str = "") -> None:
        super().__init__(message, field=field, code=code)
        self.problems = problems or self.problems


class BadParameters(Refused):
    """Parameters of an address are wrong. Contains all problems that were found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


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
    """This sensitive action requires that the password is entered again."""

    status = 403
    code = "unconfirmed"


class Taken(Refused):
    """Another row already has this value."""

    status = 409
    code = "taken"


class Stale(Refused):
    """The row has changed since it was read."""

    status = 409
    code = "stale"


class Deleted(Refused):
    """The user is in the bin and must be restored before other changes."""

    status = 409
    code = "deleted"


class WrongState(Refused):
    """The present state of the row does not allow the change."""

    status = 409
    code = "wrong_state"


class PreconditionFailed(Refused):
    """The current version does not match `If-Match` (RFC 9110, 13.1.1)."""

    status = 412
    code = "stale"


class Gone(Refused):
    """A one-time link was used or has expired."""

    status = 410
    code = "gone"


class Busy(Refused):
    """The server is overloaded. Retry after `retry_after` seconds."""

    status = 503
    code = "busy"
    retry_after = 2


class InProgress(Refused):
    """The first request with this Idempotency-Key is still running. Retry after `retry_after` seconds."""

    status = 409
    code = "in_progress"
    retry_after = 2


class TooManyRequests(Refused):
    """A rate limit is reached. Retry after `retry_after` seconds."""

    status = 429
    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@contextmanager
def report_on_field(field: str) -> Iterator[None]:
    """Report any Refused of the block as a problem of `field`."""
    try:
        yield
    except Refused as error:
        code = error.problems[0].code if error.problems else error.code
        error.problems = [Problem(field, code, error.message)]
        raise
