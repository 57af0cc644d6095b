"""The table of the rows of an import, as the template prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import select

from webapp.access.models import Group, Role, role_label
from webapp.attributes.display import can_see_change, field_label
from webapp.attributes.models import FIELD_PREFIX
from webapp.bulk.people_table import ChangedField, OutcomeFilter, changed_fields
from webapp.core.texts import _
from webapp.db.session import db
from webapp.imports.labels import OUTCOME_LABELS
from webapp.imports.models import Import, ImportRow, Outcome
from webapp.imports.queries import BY_NUMBER, list_rows
from webapp.imports.schemas import RowsQuery
from webapp.lists.page import Page, paginate
from webapp.users.models import User
from webapp.users.shown_values import isolated, shown_value

_NEW = (Outcome.CREATE, Outcome.CREATED, Outcome.SKIPPED, Outcome.UNDONE, Outcome.KEPT, Outcome.OVERTAKEN)
_SHOWN = ("name", "username", "locale", "timezone", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the file. `user_id`: the person, if they exist now."""

    number: int
    label: str
    user_id: UUID | None
    outcome: str
    outcome_label: str
    message: str | None
    fields: list[ChangedField]


@dataclass(frozen=True, slots=True)
class RowsTable:
    page: Page[ImportRow]
    rows: list[RowView]
    filters: list[OutcomeFilter]
    limit: int


def rows_table(imported: Import, query: RowsQuery) -> RowsTable | None:
    """Return a page of the rows. None while a job changes them, and before and after there are any."""
    if imported.is_running or imported.emptied_at or not imported.total:
        return None
    page = paginate(list_rows(imported.id, outcomes=[query.outcome] if query.outcome else []), BY_NUMBER, query.window)
    names, existing = _names_of_access(page.items), _existing(page.items)
    rows = [_row_view(row, names, existing) for row in page.items]
    return RowsTable(page, rows, _filters(imported, query.outcome), query.limit)


def _row_view(row: ImportRow, names: Mapping[str, str], existing: set[UUID]) -> RowView:
    fields = list(changed_fields(row.changes or []))
    if row.outcome in _NEW and not fields:
        fields = list(_new_fields(row.values or {}, names))
    if row.manager:
        fields.append(ChangedField(str(_("Manager")), None, isolated(row.manager)))
    user_id = row.user_id if row.user_id in existing else None
    return RowView(row.number, row.label, user_id, row.outcome, OUTCOME_LABELS[row.outcome], row.message, fields)


def _new_fields(values: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[ChangedField]:
    """Yield the values of a new person. The e-mail address is the label of the row."""
    for name in _SHOWN:
        if values.get(name):
            yield ChangedField(field_label(name) or name, None, shown_value(name, values[name]))
    for key, text in (values.get("attributes") or {}).items():
        if can_see_change(FIELD_PREFIX + key):
            yield ChangedField(field_label(FIELD_PREFIX + key) or key, None, isolated(text))
    for label, ids in ((_("Roles"), values.get("roles")), (_("Groups"), values.get("groups"))):
        if ids:
            yield ChangedField(str(label), None, isolated(", ".join(_access_name(each, names) for each in ids)))
    if values.get("has_password"):
        yield ChangedField(str(_("Password")), None, Markup("••••••••"))
    if values.get("deactivated"):
        yield ChangedField(str(_("Status")), None, shown_value("status", "deactivated"))


def _access_name(each: Any, names: Mapping[str, str]) -> str:
    """Return the name of a role with its scope, or of a group. A row that is not imported has names instead of ids."""
    parts = each if isinstance(each, list) else [each]
    return " · ".join(names.get(part, part) for part in parts if part)


def _names_of_access(rows: Iterable[ImportRow]) -> dict[str, str]:
    """Return the names of the roles and groups that the rows name, by id. Two statements."""
    ids: dict[str, set[UUID]] = {"roles": set(), "groups": set()}
    for row in rows:
        for role_id, scope_id in _pairs((row.values or {}).get("roles")):
            ids["roles"].add(UUID(role_id))
            ids["groups"] |= {UUID(scope_id)} if scope_id else set()
        ids["groups"] |= {UUID(each) for each in (row.values or {}).get("groups") or () if _is_id(each)}
    roles = db.session.execute(select(Role.id, Role.name).where(Role.id.in_(ids["roles"]))) if ids["roles"] else ()
    groups = (
        db.session.execute(select(Group.id, Group.name).where(Group.id.in_(ids["groups"]))) if ids["groups"] else ()
    )
    return {str(row.id): str(role_label(row.name)) for row in roles} | {str(row.id): row.name for row in groups}


def _pairs(roles: Any) -> list[Any]:
    return [each for each in roles or () if isinstance(each, list)]


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _existing(rows: Sequence[ImportRow]) -> set[UUID]:
    ids = [row.user_id for row in rows if row.user_id]
    return set(db.session.scalars(select(User.id).where(User.id.in_(ids)))) if ids else set()


def _filters(imported: Import, current: Outcome | None) -> list[OutcomeFilter]:
    filters = [OutcomeFilter(None, _("All"), sum(imported.counts.values()), current is None)]
    for outcome, label in OUTCOME_LABELS.items():
        if count := imported.counts.get(outcome):
            filters.append(OutcomeFilter(outcome, label, count, current == outcome))
    return filters
