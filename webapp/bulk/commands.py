"""The commands `flask bulk …`. They act for the person who asked for the change, and can do what this person can do."""

from __future__ import annotations

from typing import Any, BinaryIO
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.bulk.actions import ACTIONS, EXPORT, get_action
from webapp.bulk.command_input import argument_options, check_permission, given_argument, requester, selected
from webapp.bulk.export_command import chosen_options, file_options
from webapp.bulk.exports import export_bulk_change
from webapp.bulk.models import BulkChange, Outcome
from webapp.bulk.queries import BY_NUMBER, NEWEST_FIRST, get_change, get_job_id, list_changes, list_items
from webapp.bulk.schemas import BulkChangeOut, BulkChangePage, BulkPeoplePage, BulkPersonOut
from webapp.bulk.services import (
    apply_bulk_change,
    create_bulk_change,
    preview_bulk_change,
    stop_bulk_change,
    undo_bulk_change,
)
from webapp.core.commands import json_option, print_record
from webapp.jobs.files import get_file
from webapp.jobs.running import run_here
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.users.acting import acting_as, as_option

bulk_commands = AppGroup("bulk", help="Change many users: ask, check the preview, apply, undo, export.")
bulk_argument = click.argument("bulk_id", type=click.UUID)


@bulk_commands.command("list")
@page_options
@json_option
def list_all(limit: int, after: str | None, as_json: bool) -> None:
    """List bulk changes, newest first."""
    page = paginate(list_changes(), NEWEST_FIRST, Window(limit, after))
    body = BulkChangePage(items=[BulkChangeOut.of(bulk) for bulk in page.items], **page_fields(page))
    lines = (f"{bulk.id}  {bulk.state:<8}  {bulk.total:>7}  {bulk.action}" for bulk in page.items)
    print_page(page, body, lines, as_json=as_json)


@bulk_commands.command("create")
@as_option
@click.option("--action", required=True, type=click.Choice(list(ACTIONS)))
@click.option("--user", "users", multiple=True, metavar="USER", help="A user. You can repeat this option.")
@click.option("--filter", "view", help="Parameters of the list of users, like status=active&role=Auditor. Empty: all.")
@argument_options
@json_option
def create(as_user: str, action: str, users: tuple[str, ...], view: str | None, as_json: bool, **options: Any) -> None:
    """Select people and preview what would change. No one is changed before `bulk apply`."""
    if bool(users) == (view is not None):
        raise click.UsageError("Select people by --user or --filter.")
    by, kind = acting_as(as_user), get_action(action)
    check_permission(kind, by)
    argument = given_argument(kind, options, by) if any(options.values()) else None
    selection = selected(users, view, by)
    bulk = create_bulk_change(action, people=selection.people, selected=selection.count, view=selection.view, by=by)
    if argument:
        bulk = preview_bulk_change(bulk.id, argument=argument, by=by)
    _finish(bulk.id, as_json=as_json)


@bulk_commands.command("show")
@bulk_argument
@json_option
def show(bulk_id: UUID, as_json: bool) -> None:
    """Show a bulk change."""
    _print(get_change(bulk_id), as_json=as_json)


@bulk_commands.command("people")
@bulk_argument
@click.option("--outcome", type=click.Choice([outcome.value for outcome in Outcome]))
@page_options
@json_option
def people(bulk_id: UUID, outcome: str | None, limit: int, after: str | None, as_json: bool) -> None:
    """List the people of a bulk change by name, with what would change or has changed."""
    items = list_items(get_change(bulk_id).id, outcomes=[outcome] if outcome else [])
    page = paginate(items, BY_NUMBER, Window(limit, after))
    rows = [BulkPersonOut.of(item, _changes(item.changes)) for item in page.items]
    body = BulkPeoplePage(items=rows, **page_fields(page))
    lines = (
        f"{row.id}  {row.outcome or '-':<9}  {row.email}  {row.name}  {row.message or ''}".rstrip() for row in rows
    )
    print_page(page, body, lines, as_json=as_json)


@bulk_commands.command("preview")
@bulk_argument
@argument_options
@json_option
def preview(bulk_id: UUID, as_json: bool, **options: Any) -> None:
    """Replace the preview, also with another argument."""
    by, kind = requester(bulk_id)
    preview_bulk_change(bulk_id, argument=given_argument(kind, options, by), by=by)
    _finish(bulk_id, as_json=as_json)


@bulk_commands.command("apply")
@bulk_argument
@click.option("--plan", "plan_hash", required=True, help="The plan_hash of the preview that you checked.")
@json_option
def apply(bulk_id: UUID, plan_hash: str, as_json: bool) -> None:
    """Change the people as the preview says."""
    by, _kind = requester(bulk_id)
    apply_bulk_change(bulk_id, plan_hash=plan_hash, by=by)
    _finish(bulk_id, as_json=as_json)


@bulk_commands.command("stop")
@bulk_argument
@json_option
def stop(bulk_id: UUID, as_json: bool) -> None:
    """Stop applying a change. Changes so far stay, and can be undone."""
    by, _kind = requester(bulk_id)
    _print(stop_bulk_change(bulk_id, by=by), as_json=as_json)


@bulk_commands.command("undo")
@bulk_argument
@json_option
def undo(bulk_id: UUID, as_json: bool) -> None:
    """Undo a change. People who were changed since stay as they are."""
    by, _kind = requester(bulk_id)
    undo_bulk_change(bulk_id, by=by)
    _finish(bulk_id, as_json=as_json)


@bulk_commands.command("export")
@bulk_argument
@click.argument("file", type=click.File("wb"), default="-")
@file_options
def export(bulk_id: UUID, file: BinaryIO, **chosen: str) -> None:
    """Write the people of a bulk change with the action `export` to FILE, by default to standard output."""
    by, kind = requester(bulk_id)
    if kind.name != EXPORT:
        raise click.UsageError("This bulk change is not an export.")
    exported = export_bulk_change(bulk_id, options=chosen_options(**chosen), by=by)
    file.write((exported or get_file(run_here(get_job_id(bulk_id)), by=by)).content)
    file.flush()


def _changes(changes: Any) -> dict[str, list[Any]]:
    return {name: pair for each in changes or [] for name, pair in each.items()}


def _finish(bulk_id: UUID, *, as_json: bool) -> None:
    """Run the job that continues the change here, if there is one, and print the change."""
    bulk = get_change(bulk_id)
    if bulk.is_running and bulk.job_id:
        run_here(bulk.job_id)
    _print(get_change(bulk_id), as_json=as_json)


def _print(bulk: BulkChange, *, as_json: bool) -> None:
    shown = BulkChangeOut.of(bulk).model_dump(mode="json")
    if not as_json:
        shown["counts"] = [f"{number} {outcome}" for outcome, number in bulk.counts.items()]
        shown["argument"] = [f"{name}={value}" for name, value in bulk.argument.items() if not name.endswith("_id")]
    print_record(shown, as_json=as_json)
