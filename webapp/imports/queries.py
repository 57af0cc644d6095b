"""Named reads of imports, their rows and saved mappings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import defer, joinedload

from webapp.access.group_tree import member_ids_in
from webapp.core.clock import now
from webapp.core.errors import NotFound
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.session import db
from webapp.imports.models import Import, ImportKey, ImportRow, Outcome, SavedMapping
from webapp.lists.order import Order
from webapp.users.models import User

NEWEST_FIRST = Order("-id", Import.id, Import.id, descending=True)
BY_NUMBER = Order("number", ImportRow.number, ImportRow.import_id, descending=False)
BY_NAME = Order("name", SavedMapping.name_key, SavedMapping.id, descending=False)
UNREAD = (Outcome.CONFLICT, Outcome.REFUSED)


def list_imports(*, requested_by_id: UUID | None = None) -> Select[Import]:
    """Return all imports, or those that one person started."""
    query = _with_requester().options(defer(Import.info))
    return query if requested_by_id is None else query.where(Import.requested_by_id == requested_by_id)


def get_import(import_id: UUID, *, requested_by_id: UUID | None = None) -> Import:
    """Raise NotFound if there is none, or if `requested_by_id` did not start it."""
    query = _with_requester().where(Import.id == import_id)
    if requested_by_id is not None:
        query = query.where(Import.requested_by_id == requested_by_id)
    imported = db.session.scalars(query).first()
    if imported is None:
        raise import_not_found()
    return imported


def _with_requester() -> Select[Import]:
    """Select the imports whose file is uploaded and recognised. An upload that was killed has no `info`."""
    query = select(Import).options(joinedload(Import.requested_by).load_only(User.name))
    return query.where(Import.info.is_not(None))


def lock_import(import_id: UUID) -> Import | None:
    return db.session.get(Import, import_id, with_for_update=True, populate_existing=True)


def import_not_found() -> NotFound:
    return NotFound(_("This import does not exist. Imports that are not applied are removed after 7 days."))


def list_rows(import_id: UUID, *, outcomes: Collection[str] = ()) -> Select[ImportRow]:
    query = select(ImportRow).options(defer(ImportRow.secret), defer(ImportRow.record_ids))
    query = query.where(ImportRow.import_id == import_id)
    return query.where(ImportRow.outcome.in_(outcomes)) if outcomes else query


def rows_in(imported: Import, outcome: Outcome, limit: int, *, last_first: bool = False) -> list[Row[Any]]:
    """Return the next rows with this outcome, in the order of the file or the other way round."""
    columns = (ImportRow.number, ImportRow.user_id, ImportRow.values, ImportRow.secret, ImportRow.manager,
               ImportRow.changes, ImportRow.record_ids)  # fmt: skip
    query = select(*columns).where(ImportRow.import_id == imported.id, ImportRow.outcome == outcome)
    return list(
        db.session.execute(query.order_by(ImportRow.number.desc() if last_first else ImportRow.number).limit(limit))
    )


def rows_with_manager(imported: Import, outcomes: Collection[Outcome], *, after: int, limit: int) -> list[Row[Any]]:
    """Return the next rows whose manager did not exist when the rows were planned."""
    query = select(ImportRow.number, ImportRow.user_id, ImportRow.manager, ImportRow.record_ids).where(
        ImportRow.import_id == imported.id,
        ImportRow.manager.is_not(None),
        ImportRow.number > after,
        ImportRow.outcome.in_(outcomes),
    )
    return list(db.session.execute(query.order_by(ImportRow.number).limit(limit)))


def created_hashes(import_id: UUID, hashes: Collection[int]) -> set[int]:
    """Return those of the keys that belong to rows which create a person."""
    is_row = (ImportRow.import_id == ImportKey.import_id) & (ImportRow.number == ImportKey.number)
    query = select(ImportKey.hash).join(ImportRow, is_row)
    query = query.where(ImportKey.import_id == import_id, ImportKey.hash.in_(hashes))
    return set(db.session.scalars(query.where(ImportRow.outcome == Outcome.CREATE)))


def missing_people(imported: Import, *, reaches: Sequence[Reach]) -> Select[Any]:
    """Select the people with access, within all `reaches`, whom no row names. The requester is not missing."""
    named = select(ImportRow.user_id).where(ImportRow.import_id == imported.id, ImportRow.user_id == User.id)
    return people_with_access(imported, reaches=reaches).where(~named.exists())


def people_with_access(imported: Import, *, reaches: Sequence[Reach]) -> Select[Any]:
    ended = (User.ends_at.is_not(None)) & (User.ends_at <= now())
    conditions = [User.deactivated_at.is_(None), User.deleted_at.is_(None), ~ended]
    if imported.requested_by_id:
        conditions.append(User.id != imported.requested_by_id)
    conditions += [User.id.in_(member_ids_in(reach)) for reach in reaches if reach is not None]
    return cast("Select[Any]", select(User.id, User.name, User.email).where(*conditions))


def count_of(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def has_unread_rows(imported: Import) -> bool:
    """Whether a row that is not imported may be about anyone."""
    query = select(ImportRow.number).where(
        ImportRow.import_id == imported.id, ImportRow.user_id.is_(None), ImportRow.outcome.in_(UNREAD)
    )
    return db.session.scalar(query.limit(1)) is not None


def last_number(imported: Import) -> int:
    query = select(func.max(ImportRow.number)).where(ImportRow.import_id == imported.id)
    return db.session.scalar(query) or 0


def mapping_for(headings_key: str) -> SavedMapping | None:
    """Return the mapping that was saved last for files with these headings."""
    query = select(SavedMapping).where(SavedMapping.headings_key == headings_key)
    return db.session.scalars(query.order_by(SavedMapping.saved_at.desc()).limit(1)).first()


def list_mappings() -> Select[SavedMapping]:
    return select(SavedMapping).options(joinedload(SavedMapping.saved_by).load_only(User.name))


def get_mapping(mapping_id: UUID) -> SavedMapping:
    """Raise NotFound if there is none."""
    saved = db.session.scalars(list_mappings().where(SavedMapping.id == mapping_id)).first()
    if saved is None:
        raise mapping_not_found()
    return saved


def mapping_not_found() -> NotFound:
    return NotFound(_("These saved settings do not exist. Someone may have deleted them."))
