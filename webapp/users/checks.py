"""Checks of the fields of a user. Whether an e-mail address or username is free, only the database decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict, cast

from webapp.core.clock import now
from webapp.core.errors import Invalid, Problem
from webapp.core.moments import OUT_OF_RANGE, is_in_range
from webapp.core.passwords import check_password
from webapp.core.texts import LOCALES, _, find_locale, find_timezone, timezones
from webapp.mail.queries import get_organisation
from webapp.users.identity import Identity, parse_identity
from webapp.users.models import THEMES


class OptionalFields(TypedDict, total=False):
    """The fields that a new user can do without."""

    username: str | None
    password: str | None
    locale: str | None
    timezone: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    attributes: Mapping[str, Any] | None


class UserChanges(OptionalFields, total=False):
    """The fields that an edit can change. Fields that are left out keep their values."""

    email: str
    name: str


def collect_problems(*checks: Callable[[], Any]) -> list[Any]:
    """Return the result of each check. Raise one Invalid with the problems of all checks."""
    problems: list[Problem] = []
    results = []
    for check in checks:
        try:
            results.append(check())
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    return results


def check_user(
    *,
    email: str,
    name: str,
    username: str | None = None,
    password: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    known_end: datetime | None = None,
    **preferences: str | None,
) -> Identity:
    """Return the identity. Raise Invalid with the problems of all fields.

    An `ends_at` in the past is invalid unless it equals `known_end`, the end that is already saved.
    """
    identity, *_checked = collect_problems(
        lambda: parse_identity(email=email, name=name, username=username),
        lambda: check_password(password, personal=(email, name, username or "")) if password else None,
        lambda: check_preferences(**preferences),
        lambda: check_window(starts_at, ends_at, known_end),
    )
    return cast(Identity, identity)


def password_words(*, email: str, name: str, username: str | None) -> tuple[str, ...]:
    """Return the words that a password that this person chooses must not consist of. One statement."""
    return (email, name, username or "", get_organisation().name)


def check_window(starts_at: datetime | None, ends_at: datetime | None, known_end: datetime | None = None) -> None:
    """Raise Invalid if a user cannot have this start and end of access. See `check_user` for `known_end`."""
    if problems := _window_problems(starts_at, ends_at, known_end):
        raise Invalid(problems[0].message, problems)


def check_preferences(**preferences: str | None) -> None:
    """Raise Invalid if a preference is not one of the options."""
    if problems := _preference_problems(preferences):
        raise Invalid(_("Some values are missing or wrong"), problems)


def normalised_preferences(**preferences: str | None) -> dict[str, str | None]:
    """Return preferences as they are stored. An empty text is None. Values that are not known stay as they are."""
    find = {"locale": find_locale, "timezone": find_timezone}
    return {
        name: (find[name](value) or value if name in find else value) if value else None
        for name, value in preferences.items()
    }


def _window_problems(starts_at: datetime | None, ends_at: datetime | None, known_end: datetime | None) -> list[Problem]:
    changed_end = ends_at if ends_at != known_end else None
    wrong = [
        Problem(name, "out_of_range", OUT_OF_RANGE)
        for name, moment in (("starts_at", starts_at), ("ends_at", changed_end))
        if not is_in_range(moment)
    ]
    if wrong:
        return wrong
    if ends_at and starts_at and ends_at <= starts_at:
        return [Problem("ends_at", "before_start", _("The end must be after the start"))]
    if changed_end and changed_end <= now():
        return [Problem("ends_at", "past", _("The end must be in the future"))]
    return []


@lru_cache
def _options() -> dict[str, frozenset[str | None]]:
    """Return the values of each preference. An import checks them for each person."""
    zones: frozenset[str | None] = frozenset({None, "UTC", *timezones()})
    return {"locale": frozenset({None, *LOCALES}), "timezone": zones, "theme": frozenset(THEMES)}


def _preference_problems(preferences: Mapping[str, str | None]) -> list[Problem]:
    allowed = _options()
    return [
        Problem(name, "unknown", _("Choose one of the options"))
        for name, value in normalised_preferences(**preferences).items()
        if value not in allowed[name]
    ]
