"""The table of the people of a bulk change, as the template prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from markupsafe import Markup

from webapp.attributes.display import can_see_change, field_label
from webapp.bulk.actions import EXPORT
from webapp.bulk.labels import OUTCOME_LABELS
from webapp.bulk.models import BulkChange, BulkItem, Outcome, State
from webapp.bulk.queries import BY_NUMBER, list_items
from webapp.bulk.schemas import BulkQuery
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.lists.page import Page, paginate
from webapp.users.models import User
from webapp.users.shown_values import shown_value
from webapp.web.guards import reach


@dataclass(frozen=True, slots=True)
class ChangedField:
    """One field that changes or changed. `before` is None if the field was empty."""

    label: str
    before: Markup | None
    after: Markup


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of a bulk change, with their result."""

    user: User
    outcome: str | None
    outcome_label: str
    message: str | None
    fields: list[ChangedField]


@dataclass(frozen=True, slots=True)
class OutcomeFilter:
    """A link that shows only people or rows with this outcome, or all (None)."""

    outcome: str | None
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """A page of the people. Without `has_results`, only their names are shown. `limit` is the size of the page."""

    page: Page[BulkItem]
    rows: list[PersonRow]
    filters: list[OutcomeFilter]
    has_results: bool
    limit: int


def people_table(bulk: BulkChange, query: BulkQuery) -> PeopleTable | None:
    """Return a page of the people. None while a job changes the items, and after they were deleted."""
    if bulk.is_running or bulk.emptied_at:
        return None
    outcomes = [query.outcome] if query.outcome else []
    items = list_items(bulk.id, outcomes=outcomes, reach=reach(Permission.USERS_READ))
    page = paginate(items, BY_NUMBER, query.window)
    return PeopleTable(
        page=page,
        rows=[_person_row(item) for item in page.items],
        filters=_outcome_filters(bulk, query.outcome),
        has_results=bulk.action != EXPORT and bulk.state != State.DRAFT,
        limit=query.limit,
    )


def _person_row(item: BulkItem) -> PersonRow:
    return PersonRow(
        user=item.user,
        outcome=item.outcome,
        outcome_label=OUTCOME_LABELS[item.outcome] if item.outcome else "",
        message=item.message,
        fields=list(changed_fields(item.changes or [])),
    )


def visible_changes(records: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return field → [before, after] of the fields that the viewer may see."""
    return {
        name: pair
        for changes in records
        for name, pair in changes.items()
        if pair != [None, None] and can_see_change(name)
    }


def changed_fields(records: Iterable[dict[str, Any]]) -> Iterator[ChangedField]:
    """Yield the changed fields of some records that the viewer can see."""
    for name, (before, after) in chain.from_iterable(changes.items() for changes in records):
        if (before is not None or after is not None) and can_see_change(name):
            shown_before = None if before is None or before == "" else shown_value(name, before)
            yield ChangedField(field_label(name) or name, shown_before, shown_value(name, after))


def _outcome_filters(bulk: BulkChange, current: Outcome | None) -> list[OutcomeFilter]:
    """Return a filter for everyone and one for each outcome that someone has."""
    filters = [OutcomeFilter(None, _("All"), bulk.total, current is None)]
    for outcome, label in OUTCOME_LABELS.items():
        if count := bulk.counts.get(outcome):
            filters.append(OutcomeFilter(outcome, label, count, current == outcome))
    return filters
