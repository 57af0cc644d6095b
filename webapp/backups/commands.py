"""`flask backup create`, `flask backup verify` and `flask restore`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from webapp.backups.services import create_backup, knows_secret_key, restore_backup, verify_backup
from webapp.backups.verification import Summary
from webapp.core.commands import command_actor, echo, json_option, print_json

backup_commands = AppGroup("backup", help="Create and verify backups. `flask restore` restores one.")
existing_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
OTHER_KEY = (
    "SECRET_KEY is not the one of this backup. Authenticator apps and waiting e-mails cannot be read, and everyone has"
    " to sign in again. Add the old key to SECRET_KEY_PREVIOUS."
)


@backup_commands.command("create")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def create(file: Path, as_json: bool) -> None:
    """Write all data to the new FILE, while people work. Encrypt it if BACKUP_PASSPHRASE is set."""
    _print(create_backup(file, by=command_actor()), "Created and verified", as_json=as_json)


@backup_commands.command("verify")
@existing_file
@json_option
def verify(file: Path, as_json: bool) -> None:
    """Read the whole FILE. The exit code is 1 if it is cut off, altered or cannot be decrypted."""
    _print(verify_backup(file), "Verified", as_json=as_json)


@click.command("restore")
@existing_file
@json_option
@with_appcontext
def restore_command(file: Path, as_json: bool) -> None:
    """Fill an empty database from FILE: one without tables, or without people. The backup can be of either engine."""
    _print(restore_backup(file, by=command_actor()), "Restored", as_json=as_json)


def _print(summary: Summary, done: str, *, as_json: bool) -> None:
    if not knows_secret_key(summary.header):
        click.echo(f"Note: {OTHER_KEY}", err=True)
    if as_json:
        print_json(summary.to_json())
        return
    rows, header = sum(summary.rows.values()), summary.header
    kind = "encrypted" if summary.encrypted else "not encrypted"
    echo(f"{done}: {summary.rows.get('users', 0):,} people, {rows:,} rows, {summary.size:,} bytes, {kind}.")
    echo(f"Data of {header.created_at}, {header.engine}, Rollcall {header.rollcall}, migration {header.migration}.")
