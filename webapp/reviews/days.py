"""Problems of the days of a review: the records since then are archived, or the days are in the wrong order."""

from __future__ import annotations

from webapp.audit.archives import archived_before
from webapp.core.errors import BadParameters, Problem
from webapp.core.formats import format_date
from webapp.core.texts import _
from webapp.reviews.schemas import ReviewQuery


def archived_days(query: ReviewQuery) -> list[Problem]:
    """Return a problem for each of the days that is too long ago. Today takes no statement."""
    before = archived_before() if query.on or query.since else None
    if before is None:
        return []
    days = (("on", query.moment), ("since", query.earlier_moment))
    return [
        Problem(
            name,
            "archived",
            _("Changes before %(day)s are archived. Enter this day or a later one.", day=format_date(before)),
        )
        for name, moment in days
        if moment and moment < before
    ]


def order_problem(query: ReviewQuery) -> Problem | None:
    """Return a problem if the day to compare with is not earlier."""
    # In this order: both are the present moment if they are today or later.
    on, since = query.moment, query.earlier_moment
    if since is None or since < on:
        return None
    return Problem("since", "order", _("Enter an earlier day to compare with"))


def check_archived(query: ReviewQuery) -> None:
    """Raise BadParameters if a day is too long ago."""
    if problems := archived_days(query):
        raise BadParameters(problems)
