"""Verifies archive files, and that they join to the chains in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from webapp.audit.archive_models import AuditArchive, to_heads
from webapp.audit.findings import Head, Report
from webapp.audit.models import FILE_HASH
from webapp.audit.verify import check_database
from webapp.audit_archive.archive_file import ArchiveReader
from webapp.audit_archive.checking import CheckedFile, check_file
from webapp.audit_archive.services import SUFFIX
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.db.session import db


@dataclass(frozen=True)
class Listing:
    """Archive files to verify. `whole`: a folder was given, so no archive may be missing."""

    files: list[Path]
    whole: bool


def listed_files(paths: Iterable[Path]) -> Listing:
    """Return these files, and the archives in these folders. Raise Refused if there are none."""
    files, whole = list[Path](), False
    for path in paths:
        if path.is_dir():
            whole = True
            files += sorted(each for each in path.iterdir() if each.suffix == SUFFIX and not each.name.startswith("."))
        else:
            files.append(path)
    if not files:
        raise Refused("There are no audit archives in this folder.")
    return Listing(files, whole)


def verify_archives(listing: Listing, report: Report, earlier: Mapping[int, Head]) -> None:
    """Verify the database and these files. Each problem is a finding of the report."""
    known = _known()
    check = check_database(report, earlier)
    archived, recorded = report.archived, check.archives
    report.unchecked_heads = 0
    checked: dict[int, Path] = {}
    for path in _in_order(listing.files, report):
        archive = _archive_of(path, known, checked, report)
        if archive is None:
            continue
        found = _checked(path, report, _earlier_in(archive, earlier))
        checked[archive.number] = path
        if found is not None:
            recorded |= found.check.archives
            _compare(path, found, archive, known, report)
    _check_records(checked, recorded, known, report)
    _check_missing(listing, checked, known, report)
    report.archived, report.shards = archived, len(check.starts.keys() | check.ends.keys())


def _known() -> dict[int, AuditArchive]:
    """Return the archives by number. End the transaction: reading a file takes longer than one may be idle."""
    query = select(AuditArchive).where(AuditArchive.sealed_at.is_not(None)).order_by(AuditArchive.number)
    archives = db.session.scalars(query).all()
    for archive in archives:
        db.session.expunge(archive)
    db.session.rollback()
    return {archive.number: archive for archive in archives}


def _in_order(files: Sequence[Path], report: Report) -> list[Path]:
    """Return the files by the numbers of their archives. Those that cannot be read are findings."""
    numbered = []
    for path in files:
        try:
            with path.open("rb") as file:
                numbered.append((ArchiveReader(file, _passphrase()).header.number, path))
        except Refused as refusal:
            _add(report, "file", path, str(refusal))
        except OSError as error:
            _add(report, "file", path, f"It cannot be read: {error.strerror}.")
    return [path for _number, path in sorted(numbered)]


def _archive_of(
    path: Path, known: Mapping[int, AuditArchive], checked: Mapping[int, Path], report: Report
) -> AuditArchive | None:
    """Return the row of the archive that this file claims to be. None, with a finding, if it is none of ours."""
    with path.open("rb") as file:
        header = ArchiveReader(file, _passphrase()).header
    archive = known.get(header.number)
    if archive is None or archive.id.hex != header.id:
        _add(report, "foreign", path, f"It is not archive {header.number} of this database.")
    elif header.number in checked:
        _add(report, "twice", path, f"It is archive {header.number}, and so is {checked[header.number]}.")
    else:
        return archive
    return None


def _checked(path: Path, report: Report, earlier: dict[int, Head]) -> CheckedFile | None:
    before = len(report.findings)
    try:
        with path.open("rb") as file:
            return check_file(file, _passphrase(), report=report, earlier=earlier)
    except Refused as refusal:
        # What was found before is a consequence of the damage, or cannot be trusted.
        del report.findings[before:]
        _add(report, "file", path, str(refusal))
        return None


def _earlier_in(archive: AuditArchive, earlier: Mapping[int, Head]) -> dict[int, Head]:
    """Return the earlier heads that are among the records of the archive."""
    starts, ends = to_heads(archive.starts), to_heads(archive.ends)
    return {
        shard: head
        for shard, head in earlier.items()
        if shard in ends and starts[shard].seq < head.seq <= ends[shard].seq
    }


def _compare(
    path: Path, found: CheckedFile, archive: AuditArchive, known: Mapping[int, AuditArchive], report: Report
) -> None:
    """Compare the file with what the database knows about its archive and the one before."""
    header, before = found.header, known.get(archive.number - 1)
    by_name = next((each for each in known.values() if each.file == path.name), archive)
    if found.file_hash != archive.file_hash:
        _add(report, "altered", path, f"It is not the file that was written as archive {archive.number}.")
    elif by_name.number != archive.number:
        what = f"It is archive {archive.number}, under the name of archive {by_name.number}."
        _add(report, "swapped", path, what)
    elif header.starts != archive.starts or header.ends != archive.ends:
        _add(report, "altered", path, "Its ends are not those in the database (audit_archives).")
    elif before and (header.previous_hash != before.file_hash or not _joins(before, archive)):
        _add(report, "altered", path, f"It does not join to archive {before.number}.")


def _joins(before: AuditArchive, archive: AuditArchive) -> bool:
    """Return whether each shard begins where the archive before ended."""
    starts, ends = to_heads(archive.starts), to_heads(before.ends)
    return all(starts.get(shard) == head for shard, head in ends.items())


def _check_records(
    checked: Mapping[int, Path],
    recorded: Mapping[str, Mapping[str, object]],
    known: Mapping[int, AuditArchive],
    report: Report,
) -> None:
    """Compare the hashes of the files with the records in the chain that name them, as far as those were read."""
    for number, path in checked.items():
        changes = recorded.get(str(number))
        if changes is not None and changes.get(FILE_HASH) != known[number].file_hash:
            _add(report, "altered", path, f"Its hash in the database is not that in the record of archive {number}.")


def _check_missing(
    listing: Listing, checked: Mapping[int, Path], known: Mapping[int, AuditArchive], report: Report
) -> None:
    """In a folder no archive may be missing. Among files, none between two of them."""
    for number, archive in known.items():
        is_between = checked and min(checked) < number < max(checked)
        if number not in checked and (listing.whole or is_between):
            what = f"archive {number} is missing or unreadable: {archive.file}, {archive.records:,} records"
            report.add("missing", 0, 0, "", what)


def _add(report: Report, kind: str, path: Path, sentence: str) -> None:
    report.add(kind, 0, 0, "", f"{path}: {sentence.removesuffix(' Nothing was changed.')}")


def _passphrase() -> str:
    return current_settings().backup_passphrase.get_secret_value()
