"""flask users list"""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.attributes.queries import live_attributes
from webapp.core.commands import as_json, print_json, refusing
from webapp.core.text import cleaned
from webapp.directory.filters import has_words
from webapp.directory.queries import SORTS, sifted_users, users_by
from webapp.directory.query_language import parsed
from webapp.directory.schemas import UserPage
from webapp.lists.page import LIMIT_DEFAULT, LIMIT_MAX, Window
from webapp.users.models import Status
from webapp.web.paging import show_page


@click.command("list")
@click.option("--q", "search", default="", help="Words to find in name, e-mail and username.")
@click.option("--status", type=click.Choice([status.value for status in Status]))
@click.option("--sort", default="name", type=click.Choice([*SORTS, *(f"-{name}" for name in SORTS)]))
@click.option("--limit", default=LIMIT_DEFAULT, type=click.IntRange(1, LIMIT_MAX), show_default=True)
@click.option("--after", help="The cursor that the page before ended with.")
@as_json
@with_appcontext
@refusing
def list_command(search: str, status: str | None, sort: str, limit: int, after: str | None, as_json: bool) -> None:
    """List users."""
    words = parsed(cleaned(search, field="q")).words
    users = sifted_users(has_words(words), status=Status(status) if status else None)
    page = show_page(users, users_by(sort, words), Window(limit, after))
    if as_json:
        print_json(UserPage.of(page, live_attributes()).model_dump(mode="json"))
        return
    for user in page.items:
        click.echo(f"{user.id}  {user.status:<11}  {user.email}  {user.name}")
    if page.next:
        click.echo(f"more: --after {page.next}", err=True)
