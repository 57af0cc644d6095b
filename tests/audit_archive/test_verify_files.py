"""`audit verify --archive` names altered, cut-off, missing and swapped files, and changes of the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from tests.audit.trail import tamper
from tests.audit_archive.archives import archived, findings, verify
from tests.commands import run
from webapp.audit.archive_models import AuditArchive, AuditArchivedErasure
from webapp.audit.models import AuditDetails, AuditHead, AuditRecord
from webapp.audit.verify import heads
from webapp.audit_archive import verification
from webapp.audit_archive.archive_file import ArchiveReader
from webapp.audit_archive.checking import CheckedFile, check_file
from webapp.audit_archive.file_type import AUDIT_ARCHIVE
from webapp.backups.archive import ArchiveWriter, Kind
from webapp.db.session import db
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
Change = Callable[[Path, Path], object]


@pytest.fixture
def files(app: App, trail: list[UUID], folder: Path) -> tuple[Path, Path]:
    return archived(app, folder), archived(app, folder, before="2030-04-01")


def flip(path: Path, index: int) -> None:
    content = bytearray(path.read_bytes())
    content[index] ^= 1
    path.write_bytes(content)


def swap(first: Path, second: Path) -> None:
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        (
            lambda first, _second: flip(first, first.stat().st_size // 2),
            "file",
            "This audit archive was altered or is damaged.",
        ),
        (lambda first, _second: flip(first, 0), "file", "This file is not an audit archive of Rollcall."),
        (lambda first, _second: first.write_bytes(first.read_bytes()[:-10]), "file", "is cut off: its end is missing"),
        (lambda first, _second: first.write_bytes(first.read_bytes()[:200]), "file", "is cut off: its end is missing"),
        (lambda first, _second: first.write_bytes(b""), "file", "This file is not an audit archive of Rollcall."),
        (lambda first, _second: first.write_bytes(first.read_bytes() + b"x"), "file", "was altered or is damaged."),
        (lambda first, _second: first.unlink(), "missing", "archive 1 is missing or unreadable: rollcall-0001-"),
        (lambda _first, second: second.unlink(), "missing", "archive 2 is missing or unreadable: rollcall-0002-"),
        (swap, "swapped", "It is archive 1, under the name of archive 2."),
        (lambda first, second: second.write_bytes(first.read_bytes()), "twice", "It is archive 1, and so is "),
    ],
)
def test_a_wrong_file_is_named_in_one_sentence(
    app: App, files: tuple[Path, Path], folder: Path, change: Change, kind: str, sentence: str
) -> None:
    change(*files)
    found = findings(app, folder)
    assert [what for each, what in found if each == kind and sentence in what], found
    code, out = verify(app, folder)
    assert (code, "Something is wrong." in out) == (1, True)


def test_details_and_records_in_the_database_are_still_checked(app: App, files: tuple[Path, Path]) -> None:
    with app.app_context():
        record = db.session.query(AuditRecord).first()
        assert record
        tamper(AuditDetails, AuditDetails.record_id == record.id, reason="x")
    assert [kind for kind, _what in findings(app, *files)] == ["details"]


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        (update(AuditArchive).where(AuditArchive.number == 2).values(file_hash="0" * 64), {"altered"}),
        (
            update(AuditArchive).where(AuditArchive.number == 2).values(ends={}),
            {"anchor", "removed", "altered", "cut_off"},
        ),
        (delete(AuditArchive).where(AuditArchive.number == 2), {"removed", "foreign", "cut_off", "anchor"}),
        (update(AuditArchive).where(AuditArchive.number == 1).values(ends={}), {"altered"}),
    ],
)
def test_a_changed_row_of_an_archive_is_found(
    app: App, files: tuple[Path, Path], folder: Path, statement: Any, kinds: set[str]
) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(statement)
    found = {kind for kind, _what in findings(app, folder)}
    assert found, kinds
    assert found <= kinds


def test_a_forged_erasure_is_found(app: App, trail: list[UUID], folder: Path) -> None:
    """Otherwise, a row of this table would excuse details that somebody deleted."""
    archived(app, folder)
    with app.app_context():
        record = db.session.query(AuditRecord).filter(AuditRecord.subject_kind == "user").first()
        assert record
        with db.engine.begin() as connection:
            connection.execute(AuditArchivedErasure.__table__.insert().values(person_id=record.subject_id))  # type: ignore[attr-defined]
            connection.execute(delete(AuditDetails).where(AuditDetails.record_id == record.id))
    assert [kind for kind, _what in findings(app)] == ["anchor"]


def test_records_without_their_archive_are_found(app: App, trail: list[UUID], folder: Path) -> None:
    """Somebody who removes old records and makes the database look as if they were archived."""
    archived(app, folder)
    with app.app_context():
        record = db.session.query(AuditRecord).filter(AuditRecord.subject_kind == "user").first()
        assert record
        shard, head = record.shard, heads()[record.shard]
        with db.engine.begin() as connection:
            archive = connection.execute(AuditArchive.__table__.select().order_by(AuditArchive.number.desc())).first()
            assert archive
            ends = archive.ends | {str(shard): [head.seq, head.hash]}
            connection.execute(update(AuditArchive).where(AuditArchive.number == 1).values(ends=ends))
            connection.execute(delete(AuditRecord).where(AuditRecord.shard == shard))
    assert "anchor" in {kind for kind, _what in findings(app)}


def test_an_archive_of_another_database_is_named(app: App, files: tuple[Path, Path], folder: Path) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(AuditArchive).where(AuditArchive.number == 1).values(id=UUID(int=7)))
    assert f"{files[0]}: It is not archive 1 of this database." in verify(app, folder)[1]


def test_a_folder_without_archives_is_refused(app: App, folder: Path) -> None:
    code, _out, err = run(app, "audit", "verify", "--archive", str(folder))
    assert (code, "There are no audit archives in this folder." in err) == (1, True)


def test_earlier_heads_are_compared_with_archived_records(app: App, trail: list[UUID], folder: Path) -> None:
    file = folder.parent / "heads.json"
    _code, out, _err = run(app, "audit", "heads")
    file.write_text(out)
    archived(app, folder, before="2030-04-01")
    code, out, _err = run(app, "audit", "verify", "--heads", str(file), "--archive", str(folder))
    assert code == 0, out
    with app.app_context():
        head = db.session.query(AuditHead).first()
        assert head
        shard = head.shard
    file.write_text(f'[{{"shard": {shard}, "seq": 1, "hash": "{"1" * 64}"}}]')
    code, out, _err = run(app, "audit", "verify", "--heads", str(file), "--archive", str(folder))
    assert (code, "rewritten" in out) == (1, True)


@pytest.mark.parametrize("change", [{"ends": []}, {"starts": {}}, {"number": None}, {"records": "many"}, {"more": 1}])
def test_a_made_up_header_is_refused(app: App, files: tuple[Path, Path], folder: Path, change: dict[str, Any]) -> None:
    with files[0].open("rb") as file:
        header = asdict(ArchiveReader(file, "").header) | change
    with files[0].open("wb") as file, ArchiveWriter(file, "", AUDIT_ARCHIVE) as writer:
        writer.add_json(Kind.HEADER, header)
        writer.add_json(Kind.TRAILER, {"records": 0})
        writer.finish()
    found = findings(app, folder)
    assert "file" in {kind for kind, _what in found} or "foreign" in {kind for kind, _what in found}


@pytest.mark.parametrize("line", ["x", "[]", "{}", "[1,2]", "[" + ",".join(["null"] * 19) + "]"])
def test_made_up_lines_are_refused(app: App, files: tuple[Path, Path], folder: Path, line: str) -> None:
    with files[0].open("rb") as file:
        header = asdict(ArchiveReader(file, "").header)
    with files[0].open("wb") as file, ArchiveWriter(file, "", AUDIT_ARCHIVE) as writer:
        writer.add_json(Kind.HEADER, header)
        writer.add(Kind.ROWS, f"{line}\n".encode() * header["records"])
        writer.add_json(Kind.TRAILER, {"records": header["records"]})
        writer.finish()
    assert f"{files[0]}: This audit archive was altered or is damaged." in {
        what for _kind, what in findings(app, folder)
    }


def test_no_transaction_waits_while_a_file_is_read(
    app: App, files: tuple[Path, Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends a session whose transaction is idle for ten seconds."""
    waiting = []

    def check(*arguments: Any, **options: Any) -> CheckedFile:
        waiting.append(db.session().in_transaction())
        return check_file(*arguments, **options)

    monkeypatch.setattr(verification, "check_file", check)
    assert verify(app, folder)[0] == 0
    assert waiting == [False, False]
