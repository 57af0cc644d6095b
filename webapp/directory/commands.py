"""`flask users list`: print a page of the list of users."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.attributes.queries import live_attributes
from webapp.core.commands import echo, json_option, print_json
from webapp.core.errors import Refused
from webapp.core.text import clean_search
from webapp.directory.listing import list_users
from webapp.directory.queries import SORTS
from webapp.directory.schemas import UserListQuery, UserPage
from webapp.directory.viewer import Viewer
from webapp.lists.page import LIMIT_DEFAULT, LIMIT_MAX
from webapp.users.models import Status


@click.command("list")
@click.option("--q", "search", default="", help="Search text, as on the page of users.")
@click.option("--status", type=click.Choice([status.value for status in Status]))
@click.option("--sort", default="name", type=click.Choice([*SORTS, *(f"-{name}" for name in SORTS)]))
@click.option("--limit", default=LIMIT_DEFAULT, type=click.IntRange(1, LIMIT_MAX), show_default=True)
@click.option("--after", help="Cursor that was printed at the end of the previous page.")
@json_option
@with_appcontext
def list_command(search: str, status: str | None, sort: str, limit: int, after: str | None, as_json: bool) -> None:
    """List users."""
    query = UserListQuery.model_construct(
        q=clean_search(search), status=Status(status) if status else None, sort=sort, limit=limit, after=after
    )
    page = list_users(query, Viewer(read_attributes=live_attributes))
    if page.search.problems:
        raise Refused(page.search.problems[0], field="q")
    for note in page.search.notes:
        click.echo(note, err=True)
    if as_json:
        print_json(UserPage.of(page, live_attributes()).model_dump(mode="json"))
        return
    for user in page.items:
        echo(f"{user.id}  {user.status:<11}  {user.email}  {user.name}")
    if page.next:
        click.echo(f"more: --after {page.next}", err=True)
