"""The rows of the table of saved views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from webapp.directory.filter_labels import FilterLabel, filter_labels
from webapp.directory.views.addresses import parameters_of
from webapp.directory.views.models import SavedView
from webapp.directory.views.shown_view import count_people, view_url
from webapp.lists.count import Count


@dataclass(frozen=True)
class ViewRow:
    """`count` is None if the view no longer works."""

    view: SavedView
    url: str
    filters: Sequence[FilterLabel]
    count: Count | None
    is_own: bool
    is_start: bool


def view_row(view: SavedView, *, user_id: UUID, start_view_id: UUID | None) -> ViewRow:
    return ViewRow(
        view=view,
        url=view_url(view),
        filters=filter_labels(parameters_of(view.address)),
        count=count_people(view),
        is_own=view.owner_id == user_id,
        is_start=view.id == start_view_id,
    )
