"""`flask reviews`: who held which role on a day, and what changed between two days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TextIO, TypeVar

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, json_option
from webapp.core.errors import Invalid
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.reviews.api_schemas import ReviewPage, ReviewRowOut
from webapp.reviews.csv_file import csv_lines
from webapp.reviews.days import check_archived, order_problem
from webapp.reviews.grants import BY_ID, select_review
from webapp.reviews.rows import ReviewRow, review_rows
from webapp.reviews.schemas import ReviewQuery
from webapp.reviews.services import record_export, review_lines

Command = TypeVar("Command", bound=Callable[..., Any])
reviews_commands = AppGroup("reviews", help="Review access: who held which role on a day, and what changed.")
DAY = click.DateTime(["%Y-%m-%d"])


def day_options(command: Command) -> Command:
    on = click.option("--on", type=DAY, help="The day. Default: today, until now.")
    since = click.option("--since", type=DAY, help="An earlier day to compare with: only what differs.")
    role = click.option("--role", type=click.UUID, help="Only the role with this ID.")
    return on(since(role(command)))


@reviews_commands.command("list")
@day_options
@page_options
@json_option
def list_rows(limit: int, after: str | None, as_json: bool, **options: Any) -> None:
    """List the roles that users and groups held on a day, or what differs from an earlier day."""
    query, on, since = _days(options)
    page = paginate(select_review(on, since=since, role_id=query.role), BY_ID, Window(limit, after))
    rows = review_rows(page.items, on=on, since=since)
    body = ReviewPage(items=[ReviewRowOut.of(row) for row in rows], **page_fields(page))
    print_page(page, body, map(_line, rows), as_json=as_json)


@reviews_commands.command("export")
@day_options
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def export(file: TextIO, **options: Any) -> None:
    """Write a CSV file with a line for each user and role to FILE, by default to standard output."""
    query, on, since = _days(options)
    record_export(by=command_actor(), on=on, since=since)
    file.writelines(csv_lines(review_lines(on, since=since, role_id=query.role), "en"))
    file.flush()


def _days(options: dict[str, Any]) -> tuple[ReviewQuery, datetime, datetime | None]:
    days = {name: value.date() if isinstance(value, datetime) else value for name, value in options.items()}
    query = ReviewQuery.model_validate({name: value for name, value in days.items() if value is not None})
    check_archived(query)
    if problem := order_problem(query):
        raise Invalid(problem.message, [problem])
    return query, query.moment, query.earlier_moment


def _line(row: ReviewRow) -> str:
    grant = row.grant
    holder = row.person.email if row.person else row.pseudonym or f"group {grant.group.name if grant.group else ''}"
    within = f" within {grant.scope.name}" if grant.scope else ""
    return f"{row.change or '':<7}  {holder}: {grant.role.name}{within}"
