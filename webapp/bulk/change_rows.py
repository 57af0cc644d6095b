"""Rows of the list of bulk changes, and the arguments of their actions, as templates print them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup, escape

from webapp.access.models import role_label
from webapp.attributes.display import can_see_change, field_label
from webapp.attributes.models import FIELD_PREFIX
from webapp.bulk.actions import ACTIONS, EXPORT
from webapp.bulk.labels import STATE_LABELS
from webapp.bulk.models import BulkChange, State
from webapp.core.texts import _
from webapp.users.shown_values import isolated, shown_value
from webapp.web.templating import exact

# State → CSS class.
STATE_CLASSES: dict[str, str] = {
    State.DRAFT: "status-waiting",
    State.PLANNING: "status-running",
    State.PLANNED: "status-waiting",
    State.APPLYING: "status-running",
    State.APPLIED: "status-done",
    State.UNDOING: "status-running",
    State.UNDONE: "status-cancelled",
}


@dataclass(frozen=True, slots=True)
class ArgumentField:
    """One part of the argument of an action, such as the role and where it is given."""

    label: str
    value: Markup


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One row of the list of bulk changes. `requester` is None if that person was erased."""

    id: UUID
    label: str
    argument: list[ArgumentField]
    requester: str | None
    total: int
    state_label: str
    state_class: str
    at: datetime


def change_rows(changes: Iterable[BulkChange]) -> Iterator[ChangeRow]:
    for bulk in changes:
        # An export has no preview: until there is a file, it is not finished.
        state = State.DRAFT if bulk.action == EXPORT and bulk.state == State.PLANNED else bulk.state
        yield ChangeRow(
            id=bulk.id,
            label=ACTIONS[bulk.action].label,
            argument=argument_fields(bulk),
            requester=bulk.requested_by.name if bulk.requested_by else None,
            total=bulk.total,
            state_label=STATE_LABELS[state],
            state_class=STATE_CLASSES[state],
            at=bulk.undone_at or bulk.applied_at or bulk.created_at,
        )


def argument_fields(bulk: BulkChange) -> list[ArgumentField]:
    argument = bulk.argument
    match ACTIONS[bulk.action].argument_form if argument else "":
        case "role":
            fields = [ArgumentField(_("Role"), isolated(role_label(argument["role"])))]
            if bulk.action == "add_role":
                scope = isolated(argument["within"]) if "within" in argument else escape(_("Everywhere"))
                fields.append(ArgumentField(_("Where"), scope))
            return fields
        case "group":
            return [ArgumentField(_("Group"), isolated(argument["group"]))]
        case "access_end":
            return [ArgumentField(_("Access ends on"), exact(datetime.fromisoformat(argument["ends_at"])))]
        case "attribute":
            return [_attribute_field(argument["attribute"], argument["value"])]
    return []


def _attribute_field(key: str, value: str) -> ArgumentField:
    """The viewer may not be allowed to see the value."""
    name = f"{FIELD_PREFIX}{key}"
    shown = shown_value(name, value) if can_see_change(name) else Markup("…")
    return ArgumentField(field_label(name) or key, shown)
