"""Reads a whole archive file and checks each record against the chain."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import Connection, select

from webapp.audit.actions import Action
from webapp.audit.archive_models import to_heads
from webapp.audit.archives import archived_erasures
from webapp.audit.chain import HASHED_DETAILS, RECORD_COLUMNS
from webapp.audit.chain_check import ChainCheck
from webapp.audit.findings import Head, Report
from webapp.audit.models import AuditRecord, AuditRedaction
from webapp.audit_archive.archive_file import ArchiveReader, Header
from webapp.audit_archive.file_type import altered
from webapp.audit_archive.lines import Row, opened_rows
from webapp.audit_archive.person_keys import PersonKeys
from webapp.db.snapshots import snapshot

BATCH_SIZE = 5000
_ACTION, _KIND, _ACTOR, _SUBJECT = map(RECORD_COLUMNS.index, ("action", "subject_kind", "actor_id", "subject_id"))
_LABEL = len(RECORD_COLUMNS) + HASHED_DETAILS.index("actor_label")
# Subjects whose rows name the actor of a change, such as “deactivated by”.
_NAMING_KINDS = ("user", "group")


@dataclass
class CheckedFile:
    """What a file contains. `names`: (ID of a person, their name at changes of others). `erasures`: as in the chain."""

    header: Header
    encrypted: bool
    report: Report
    check: ChainCheck
    names: set[tuple[str, str]] = field(default_factory=set)
    erasures: dict[str, str | None] = field(default_factory=dict)
    file_hash: str = ""
    size: int = 0


def check_file(
    file: BinaryIO, passphrase: str, *, report: Report | None = None, earlier: dict[int, Head] | None = None
) -> CheckedFile:
    """Read the file from its start to its end. Raise Refused if it is cut off, altered or cannot be decrypted.

    Records that do not match the chain are findings of the report.
    """
    reader = ArchiveReader(file, passphrase)
    report = report or Report()
    check = ChainCheck(report, earlier or {}, to_heads(reader.header.starts))
    found = CheckedFile(reader.header, reader.encrypted, report, check)
    redactions = dict[str, str]()
    try:
        for row in _rows(reader):
            check.check_row(row)
            _note(found, row)
            if row[-1]:
                redactions[row[0]] = row[-1]
    except (TypeError, ValueError, AttributeError, IndexError):
        # A made-up file can have values of any type.
        raise altered() from None
    found.file_hash, found.size = reader.file_hash, reader.size
    with snapshot() as connection:
        check.purged_ids |= purged_ids(connection)
        _check_redactions(check, redactions, connection)
    check.finish(to_heads(reader.header.ends))
    return found


def _rows(reader: ArchiveReader) -> Iterator[Row]:
    keys = PersonKeys()
    for batch in reader.batches():
        yield from opened_rows(batch, keys)


def purged_ids(connection: Connection) -> set[str]:
    """Return the IDs of all people whose erasure is in the database or in an archive."""
    purged = select(AuditRecord.subject_id).where(AuditRecord.action == Action.USER_PURGED)
    in_archives = {person_id for person_id, _hash in archived_erasures(connection)}
    return in_archives | {each.hex for each in connection.scalars(purged)}


def _note(found: CheckedFile, row: Row) -> None:
    if row[_ACTION] == Action.USER_PURGED:
        found.erasures[row[_SUBJECT]] = found.check.redaction_hashes.get(row[_SUBJECT])
    actor, name = row[_ACTOR], row[_LABEL]
    if actor and name and row[_KIND] in _NAMING_KINDS and actor != row[_SUBJECT]:
        found.names.add((actor, name))


def _check_redactions(check: ChainCheck, redactions: dict[str, str], connection: Connection) -> None:
    """Compare redactions in the file with those of the database, which the chain covers."""
    for batch in _in_batches(redactions):
        columns = (AuditRedaction.record_id, AuditRedaction.details_hash)
        query = select(*columns).where(AuditRedaction.record_id.in_([UUID(each) for each in batch]))
        known: dict[str, str] = {row.record_id.hex: row.details_hash for row in connection.execute(query)}
        for record_id in batch:
            if known.get(record_id) != redactions[record_id]:
                check.report.add("details", 0, 0, record_id, "its redaction is not in the database (audit_redactions)")


def _in_batches(items: Collection[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while batch := list(islice(left, BATCH_SIZE)):
        yield batch
