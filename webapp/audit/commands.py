"""`flask audit`: print the heads of the hash chains, undo changes."""

from __future__ import annotations

from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.audit.undo import undo_batch, undo_change
from webapp.audit.verify import heads
from webapp.core.commands import command_actor, echo, json_option, print_json

audit_commands = AppGroup("audit", help="List, show and undo changes, verify the audit trail.")


@audit_commands.command("heads")
def heads_command() -> None:
    """Print the last record of each chain.

    Store the output where Rollcall cannot write. `verify --heads` later shows whether a chain was rewritten.
    """
    print_json([{"shard": shard, "seq": head.seq, "hash": head.hash} for shard, head in heads().items()])


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
