"""`flask audit archive`, `flask audit archives` and `flask audit verify`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from webapp.audit.archives import NEWEST_ARCHIVE_FIRST, list_archives
from webapp.audit.findings import Finding, Head, Report
from webapp.audit.verify import verify
from webapp.audit_archive.planning import Plan
from webapp.audit_archive.schemas import ArchiveOut, ArchivePage
from webapp.audit_archive.services import Result, archive_records, file_name, plan_now
from webapp.audit_archive.verification import listed_files, verify_archives
from webapp.core.commands import Unfinished, command_actor, echo, json_option, print_json
from webapp.core.context import current_settings
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields


@click.command("archive")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day that stays (UTC).")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to create the file. Default: AUDIT_ARCHIVE_DIR.")
@click.option("--dry-run", is_flag=True, help="Only say what would be archived.")
@json_option
@with_appcontext
def archive(before: datetime, folder: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Move audit records before a day from the database into a new sealed file, which `audit verify` reads."""
    moment = before.replace(tzinfo=UTC)
    if dry_run:
        _print_plan(plan_now(moment), as_json=as_json)
        return
    if folder is None and not current_settings().audit_archive_dir:
        raise click.UsageError("Enter --folder, or set AUDIT_ARCHIVE_DIR.")
    chosen = folder or Path(current_settings().audit_archive_dir)
    _print_result(archive_records(before=moment, folder=chosen, by=command_actor()), as_json=as_json)


@click.command("archives")
@page_options
@json_option
@with_appcontext
def archives(limit: int, after: str | None, *, as_json: bool) -> None:
    """List the archives of the audit trail, newest first."""
    page = paginate(list_archives(), NEWEST_ARCHIVE_FIRST, Window(limit, after))
    body = ArchivePage(items=[ArchiveOut.of(each) for each in page.items], **page_fields(page))
    lines = (f"{each.number:>4}  {each.records:>11,} records  {each.state:<8}  {each.path}" for each in page.items)
    print_page(page, body, lines, as_json=as_json)


@click.command("verify")
@click.option("--heads", "file", type=click.File("r"), help="Earlier output of `flask audit heads`.")
@click.option(
    "--archive",
    "paths",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="An archive, or a folder with all archives. Can be repeated.",
)
@json_option
@with_appcontext
def verify_command(file: TextIO | None, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Verify every record. The exit code is 1 if a record was edited, removed, added or cut off."""
    earlier, report = _read_heads(file) if file else {}, Report()
    try:
        if paths:
            verify_archives(listed_files(paths), report, earlier)
        else:
            verify(earlier=earlier, report=report)
    except (SQLAlchemyError, KeyboardInterrupt) as error:
        if not report.records and isinstance(error, SQLAlchemyError):
            raise
        done = {"records": report.records, "findings": len(report.findings)}
        text = f"{report.records:,} records were verified, with {len(report.findings):,} findings."
        raise Unfinished(text, done) from error
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report, with_files=bool(paths))
    if report.findings:
        raise SystemExit(1)


def _read_heads(file: TextIO) -> Mapping[int, Head]:
    try:
        listed: list[dict[str, Any]] = json.load(file)
        return {int(head["shard"]): Head(int(head["seq"]), str(head["hash"])) for head in listed}
    except (ValueError, TypeError, KeyError):
        message = f"{file.name} is not an output of flask audit heads."
        raise click.BadParameter(message, param_hint="--heads") from None


def _print_report(report: Report, *, with_files: bool) -> None:
    for finding in report.findings:
        echo(f"{_place(finding)}{finding.kind}: {finding.what}")
    if report.more:
        echo("… and more")
    erased = f", the details of {report.erased:,} erased with people" if report.erased else ""
    echo(f"{report.records:,} records in {report.shards} chains{erased}.")
    if report.archived and not with_files:
        echo(f"{report.archived:,} older records are in archives. Verify them, too: --archive FOLDER")
    if report.unchecked_heads:
        echo(f"{report.unchecked_heads} of the earlier heads are in archives, and were not compared.")
    echo("Something is wrong." if report.findings else "Every record is as it was written.")


def _place(finding: Finding) -> str:
    if not finding.seq:
        return ""
    return f"shard {finding.shard}, record {finding.seq}" + (f" ({finding.id})" if finding.id else "") + ": "


def _print_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        held = plan.held_by or None
        print_json({"records": plan.records, "before": plan.before, "file": file_name(plan), "held_by": held})
        return
    echo(f"{plan.records:,} records before {plan.before:%Y-%m-%d %H:%M} (UTC) would be archived as {file_name(plan)}.")
    if plan.held_by:
        echo(f"Younger records stay: {plan.held_by}")


def _print_result(result: Result, *, as_json: bool) -> None:
    if as_json:
        archived = [ArchiveOut.of(each).model_dump(mode="json") for each in result.archives]
        print_json({"archives": archived, "held_by": result.held_by or None})
        return
    for each in result.archives:
        echo(f"Archived and verified: {each.records:,} records before {each.before:%Y-%m-%d %H:%M} (UTC).")
        kind = "encrypted" if each.encrypted else "not encrypted"
        echo(f"{each.path}: {each.size or 0:,} bytes, {kind}, SHA-256 {each.file_hash}")
    if result.held_by:
        echo(f"Younger records stay: {result.held_by}")
