"""Checks of the fields that all recurring work has, and of choices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from webapp.core.errors import Invalid
from webapp.core.text import clean_text
from webapp.core.texts import _, pgettext
from webapp.jobs.timetables import checked_time, checked_weekday, checked_zone
from webapp.recurring.models import NAME_MAX
from webapp.users.checks import collect_problems


def checked_values(values: Mapping[str, Any], checks: dict[str, Callable[[Any], object]]) -> dict[str, Any]:
    """Return the given values, each checked alone. `checks` are those of fields besides name and timetable.

    Raise Invalid with all problems.
    """
    checks = _CHECKS | checks
    names = [name for name in checks if name in values]
    results = collect_problems(*(partial(checks[name], values[name]) for name in names))
    return {**values, **dict(zip(names, results, strict=True))}


def one_of(words: Collection[str], field: str, text: str) -> str:
    """Return the choice. Raise Invalid if it is none of them."""
    if text not in words:
        raise Invalid(_("Choose one of the options"), field=field, code="unknown")
    return str(text)


def _checked_name(text: str) -> str:
    text = clean_text(text, field="name", joiners=True)
    if not text or len(text) > NAME_MAX:
        raise Invalid(
            pgettext("of a thing", "Enter a name of at most %(max)s characters", max=NAME_MAX),
            field="name",
            code="length",
        )
    return text


_CHECKS: dict[str, Callable[[Any], object]] = {
    "name": _checked_name,
    "time_of_day": checked_time,
    "timezone": checked_zone,
    "weekday": checked_weekday,
}
