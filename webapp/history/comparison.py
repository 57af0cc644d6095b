"""Rows of the table that compares a change with the present values, as history/undo.html prints them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from webapp.attributes.display import field_label
from webapp.audit.undo import ComparedField
from webapp.users.shown_values import shown_value


@dataclass(frozen=True)
class ComparedRow:
    """One field: after the change, now, and before the change."""

    label: str
    after: Markup
    now: Markup
    before: Markup
    conflicts: bool


def compared_rows(compared: Iterable[ComparedField]) -> list[ComparedRow]:
    """Return the rows without IDs, which records contain only for undo."""
    return [
        ComparedRow(
            label=field_label(each.field) or each.field,
            after=shown_value(each.field, each.after),
            now=shown_value(each.field, each.now),
            before=shown_value(each.field, each.before),
            conflicts=each.conflicts,
        )
        for each in compared
        if not each.field.endswith("_id")
    ]
