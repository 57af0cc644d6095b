"""Exports everyone who matches a search, without a limit of people, for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Select, func, select

from webapp.attributes.models import Attribute
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.bulk.export_columns import columns_of, exported_attributes, referenced_emails, rows_of
from webapp.bulk.export_formats import FileFormat, FileOptions, Rows, write_file
from webapp.core.errors import Refused
from webapp.core.formats import format_number
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User

BATCH = 1000
# Rows of a sheet of a workbook, without the headings.
SHEET_ROWS_MAX = 2**20 - 1


@dataclass(frozen=True)
class _Directory:
    """The subject of the record of the export."""

    id: UUID


DIRECTORY = _Directory(uuid5(NAMESPACE_URL, "rollcall:users"))


def export_people(file: IO[bytes], people: Select[Any], *, options: FileOptions, by: Actor) -> int:
    """Record the export, write the people to the file in the order of their IDs, and return how many.

    Raise Refused if they are too many for the format. A workbook needs a file that can be sought.
    """
    with transaction():
        count = db.session.scalar(select(func.count()).select_from(_ids(people).subquery())) or 0
        if options.format is FileFormat.XLSX and count > SHEET_ROWS_MAX:
            message = _("An XLSX file can have at most %(count)s people.", count=format_number(SHEET_ROWS_MAX))
            raise Refused(message, field="format")
        changes = {"format": (None, options.format.value), "people": (None, str(count))}
        label = str(_("People exported"))
        record(Action.USERS_EXPORTED, subject=DIRECTORY, by=by, kind="bulk", label=label, changes=changes)
    attributes = exported_attributes(by)
    # The end of a batch would expire them.
    db.session.expunge_all()
    write_file(file, _batches(people, attributes, options, by), columns_of(attributes), options)
    return count


def _ids(people: Select[Any]) -> Select[Any]:
    return people.with_only_columns(User.id).order_by(None)


def _batches(people: Select[Any], attributes: Sequence[Attribute], options: FileOptions, by: Actor) -> Iterator[Rows]:
    """Each batch has its own transaction, so that a slow disk keeps none open."""
    last: UUID | None = None
    while True:
        ids = _ids(people) if last is None else _ids(people).where(User.id > last)
        batch = ids.order_by(User.id).limit(BATCH).subquery()
        query = select(User).join(batch, batch.c.id == User.id).order_by(User.id)
        found = list(db.session.scalars(query))
        if not found:
            return
        rows = rows_of(found, attributes, referenced_emails(found, attributes, by=by), options.headings)
        last = found[-1].id
        db.session.rollback()
        db.session.expunge_all()
        yield rows
