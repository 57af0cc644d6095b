"""`flask audit`: print the heads of the hash chains, verify them, undo changes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TextIO
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from webapp.audit.findings import Head, Report
from webapp.audit.undo import undo_batch, undo_change
from webapp.audit.verify import heads, verify
from webapp.core.commands import Unfinished, command_actor, echo, json_option, print_json

audit_commands = AppGroup("audit", help="List, show and undo changes, verify the audit trail.")


@audit_commands.command("heads")
def heads_command() -> None:
    """Print the last record of each chain.

    Store the output where Rollcall cannot write. `verify --heads` later shows whether a chain was rewritten.
    """
    print_json([{"shard": shard, "seq": head.seq, "hash": head.hash} for shard, head in heads().items()])


@audit_commands.command("verify")
@click.option("--heads", "file", type=click.File("r"), help="Earlier output of `flask audit heads`.")
@json_option
def verify_command(file: TextIO | None, as_json: bool) -> None:
    """Verify every record. The exit code is 1 if a record was edited, removed, added or cut off."""
    earlier, report = _read_heads(file) if file else None, Report()
    try:
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
        _print(report)
    if report.findings:
        raise SystemExit(1)


@audit_commands.command("undo")
@click.argument("record_id", type=click.UUID, required=False)
@click.option("--batch", "batch_id", type=click.UUID, help="Undo all changes with this batch ID, or none of them.")
@json_option
def undo_command(record_id: UUID | None, batch_id: UUID | None, as_json: bool) -> None:
    """Undo the change with this RECORD_ID, or a whole batch. Refused if something was changed again later."""
    if (record_id is None) == (batch_id is None):
        raise click.UsageError("Enter a RECORD_ID or --batch.")
    by = command_actor()
    undone = undo_batch(batch_id, by=by) if batch_id else [undo_change(record_id, by=by)] if record_id else []
    if as_json:
        print_json({"record_ids": undone})
    else:
        echo("Undone.")


def _read_heads(file: TextIO) -> dict[int, Head]:
    try:
        listed: list[dict[str, Any]] = json.load(file)
        return {int(head["shard"]): Head(int(head["seq"]), str(head["hash"])) for head in listed}
    except (ValueError, TypeError, KeyError):
        message = f"{file.name} is not an output of flask audit heads."
        raise click.BadParameter(message, param_hint="--heads") from None


def _print(report: Report) -> None:
    for finding in report.findings:
        place = f"shard {finding.shard}, record {finding.seq}" + (f" ({finding.id})" if finding.id else "")
        echo(f"{place}: {finding.kind}: {finding.what}")
    if report.more:
        echo("… and more")
    erased = f", the details of {report.erased:,} erased with people" if report.erased else ""
    echo(f"{report.records:,} records in {report.shards} chains{erased}.")
    echo("Something is wrong." if report.findings else "Every record is as it was written.")
