"""Roles and groups in a row of the list of users, as directory/_rows.html prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from webapp.access.summaries import AccessSummary

SHOWN_MAX = 2


class Tags(NamedTuple):
    """The first SHOWN_MAX names. `hidden` has the other names, for the tooltip of a tag like “+3”."""

    shown: Sequence[str]
    hidden: str
    hidden_count: int


NO_TAGS = Tags((), "", 0)


class RowTags(NamedTuple):
    roles: Tags
    groups: Tags


def row_tags(summaries: Mapping[UUID, AccessSummary]) -> dict[UUID, RowTags]:
    return {
        user_id: RowTags(_tags(summary.role_labels), _tags(summary.groups)) for user_id, summary in summaries.items()
    }


def _tags(names: Sequence[str]) -> Tags:
    hidden = names[SHOWN_MAX:]
    return Tags(names[:SHOWN_MAX], ", ".join(hidden), len(hidden)) if names else NO_TAGS
