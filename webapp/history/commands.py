"""`flask audit list` and `show`, and `flask users activity`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click
from flask.cli import with_appcontext
from pydantic import ValidationError

from webapp.audit.actions import Action
from webapp.audit.archives import archived_before
from webapp.audit.models import AuditRecord
from webapp.audit.queries import NEWEST_FIRST, get_record, records_of
from webapp.audit.schemas import AuditRecordOut
from webapp.core.commands import json_option, print_json
from webapp.core.errors import BadParameters
from webapp.core.schemas import problems_from
from webapp.history.filters import checked_records
from webapp.history.schemas import AuditRecordPage, HistoryQuery
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.users.queries import get_user_by_identifier


@click.command("list")
@click.option("--actor", default="", help="Only changes that this user made: an e-mail address, username or ID.")
@click.option("--subject", default="", help="Only changes of this user, or of another subject by its ID.")
@click.option("--action", type=click.Choice([action.value for action in Action]), metavar="ACTION", help="One kind.")
@click.option("--field", default="", help="Only changes of this field, for example email or attributes.office.")
@click.option("--since", default="", help="Only changes on this day or later (ISO 8601, UTC).")
@click.option("--until", default="", help="Only changes up to the end of this day (ISO 8601, UTC).")
@page_options
@json_option
@with_appcontext
def list_records(limit: int, after: str | None, as_json: bool, **filters: Any) -> None:
    """List audit records, newest first."""
    try:
        query = HistoryQuery(**{name: value for name, value in filters.items() if value})
    except ValidationError as error:
        raise BadParameters(problems_from(error, depth=1)) from None
    _print_page(checked_records(query), Window(limit, after), as_json=as_json)


@click.command("show")
@click.argument("record_id", type=click.UUID)
@json_option
@with_appcontext
def show(record_id: UUID, as_json: bool) -> None:
    """Show an audit record, as JSON in any case: it has parts of its own."""
    print_json(AuditRecordOut.of(get_record(record_id)).model_dump(mode="json"))


@click.command("activity")
@click.argument("user")
@page_options
@json_option
@with_appcontext
def activity(user: str, limit: int, after: str | None, as_json: bool) -> None:
    """List the changes of a user, newest first."""
    _print_page(records_of(get_user_by_identifier(user).id), Window(limit, after), as_json=as_json)


def _print_page(records: Any, window: Window, *, as_json: bool) -> None:
    page = paginate(records, NEWEST_FIRST, window)
    before = archived_before()
    items = [AuditRecordOut.of(record) for record in page.items]
    body = AuditRecordPage(items=items, archived_before=before, **page_fields(page))
    print_page(page, body, map(_line, page.items), as_json=as_json)
    if before and not page.next and not as_json:
        click.echo(f"Records before {before:%Y-%m-%d %H:%M} (UTC) are in archives: flask audit archives", err=True)


def _line(record: AuditRecord) -> str:
    fields = ", ".join(record.changes)
    return f"{record.id}  {record.at:%Y-%m-%d %H:%M}  {record.action:<24}  {record.subject_label}  ({fields})"
