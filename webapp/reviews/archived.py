"""Days that cannot be computed, because the records of the changes since then are archived."""

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


def check_days(query: ReviewQuery) -> None:
    """Raise BadParameters if a day is too long ago."""
    if problems := archived_days(query):
        raise BadParameters(problems)
