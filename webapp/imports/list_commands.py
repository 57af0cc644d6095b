"""The commands `flask imports …`: earlier imports, and the undo of those that a command made."""

from __future__ import annotations

from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.checks import lock_own
from webapp.imports.finishing import finish_applying
from webapp.imports.models import Import, State
from webapp.imports.queries import BY_NUMBER, NEWEST_FIRST, get_import, list_imports, list_rows
from webapp.imports.running import has_live_job, undo_chunk
from webapp.imports.schemas import ImportOut, ImportPage
from webapp.imports.services import start_undo
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields

imports_commands = AppGroup("imports", help="Earlier imports: list, show, undo.")
import_argument = click.argument("import_id", type=click.UUID)


@imports_commands.command("list")
@page_options
@json_option
def list_all(limit: int, after: str | None, as_json: bool) -> None:
    """List imports, newest first."""
    page = paginate(list_imports(), NEWEST_FIRST, Window(limit, after))
    body = ImportPage(items=[ImportOut.of(each) for each in page.items], **page_fields(page))
    lines = (f"{each.id}  {each.state:<8}  {each.total:>7}  {each.mode:<6}  {each.filename}" for each in page.items)
    print_page(page, body, lines, as_json=as_json)


@imports_commands.command("show")
@import_argument
@json_option
def show(import_id: UUID, as_json: bool) -> None:
    """Show an import."""
    print_record(ImportOut.of(get_import(import_id)).model_dump(mode="json"), as_json=as_json)


@imports_commands.command("rows")
@import_argument
@page_options
@json_option
def rows(import_id: UUID, limit: int, after: str | None, as_json: bool) -> None:
    """List the rows of an import with their outcomes."""
    page = paginate(list_rows(get_import(import_id).id), BY_NUMBER, Window(limit, after))
    if as_json:
        names = ("number", "label", "outcome", "message")
        print_json([{name: getattr(row, name) for name in names} for row in page.items])
        return
    for row in page.items:
        echo(f"{row.number:>7}  {row.outcome:<11}  {row.label}  {row.message or ''}".rstrip())


@imports_commands.command("undo")
@import_argument
@json_option
def undo(import_id: UUID, as_json: bool) -> None:
    """Undo an import that `users import` made. People who were changed since keep their changes."""
    by, has_more = command_actor(), True
    with transaction():
        imported = lock_own(import_id, by)
        if imported.state == State.APPLYING and not has_live_job(imported):
            # The command was killed.
            finish_applying(imported, by=by)
        start_undo(imported, by=by)
    while has_more:
        with transaction():
            imported = lock_own(import_id, by)
            has_more = imported.state == State.UNDOING and undo_chunk(imported, by)
    print_record(ImportOut.of(db.session.get_one(Import, import_id)).model_dump(mode="json"), as_json=as_json)
