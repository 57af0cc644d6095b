"""Counts of people by status for the list of users. The list loads them after it is shown."""

from __future__ import annotations

from webapp.directory.listing import matching_users
from webapp.directory.queries import last_figures
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.lists.count import COUNT_BOUND, Count, counted
from webapp.users.models import Status


def status_counts(query: UserListQuery, viewer: Viewer) -> dict[Status | None, Count]:
    """Return the number of people with each status who match the other filters. None: everyone outside the bin.

    Each count is bounded. The counts of a list without filters are those of the dashboard above the bound. Return
    nothing if no index finds the matches.
    """
    matches = {
        status: matching_users(query.model_copy(update={"status": (status,) if status else ()}), viewer)
        for status in (None, *Status)
    }
    if any(each.scans or each.messages for each in matches.values()):
        return {}
    counts = {status: counted(each.query) for status, each in matches.items()}
    large = [status for status, count in counts.items() if not count.exact]
    if large and not matches[None].filtered:
        for status, value in last_figures(large).items():
            if value > COUNT_BOUND:
                counts[status] = Count(value, exact=False, estimated=True)
    return counts
