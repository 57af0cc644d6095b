"""`flask users list`: print a page of the list of users."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from pydantic import ValidationError

from webapp.attributes.models import PARAMETER_PREFIX
from webapp.attributes.queries import live_attributes
from webapp.core.commands import echo, json_option, print_json
from webapp.core.errors import BadParameters, Refused
from webapp.core.schemas import problems_from
from webapp.core.texts import _
from webapp.directory.filter_labels import LABELS
from webapp.directory.listing import list_users
from webapp.directory.queries import SORTS
from webapp.directory.schemas import UserListQuery, UserPage
from webapp.directory.value_lists import join_values
from webapp.directory.viewer import Viewer
from webapp.lists.commands import page_options
from webapp.users.models import Status

_FILTERS = LABELS.keys() - {"q"}


def _split_statuses(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    statuses = tuple(status for value in values for status in value.split(","))
    if unknown := set(statuses) - set(Status):
        raise click.BadParameter(f"{min(unknown)!r} is not one of {', '.join(Status)}")
    return tuple(f"status={status}" for status in statuses)


@click.command("list")
@click.option("--q", "search", default="", help="Search text, as on the page of users.")
@click.option(
    "--status",
    multiple=True,
    callback=_split_statuses,
    help=f"One of {', '.join(Status)}. Repeat it, or separate several by commas.",
)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the list, for example role=Auditor,Helpdesk, created=7d or attr.team=sales.",
)
@click.option("--sort", default="name", type=click.Choice([*SORTS, *(f"-{name}" for name in SORTS)]))
@page_options
@json_option
@with_appcontext
def list_command(
    search: str, status: tuple[str, ...], filters: tuple[str, ...], as_json: bool, **page_of: object
) -> None:
    """List users."""
    query = _query_of({"q": search, **_parameters_of(status + filters), **page_of})
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


def _parameters_of(filters: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters of `--filter`. A name that is repeated has several values."""
    values: dict[str, list[str]] = {}
    for text in filters:
        name, sign, value = text.partition("=")
        if not (sign and value and (name in _FILTERS or name.startswith(PARAMETER_PREFIX))):
            raise Refused(_("“%(filter)s” is not a filter like role=Auditor", filter=text), field="filter")
        values.setdefault(name, []).append(value)
    return {name: each[0] if len(each) == 1 else join_values(each) for name, each in values.items()}


def _query_of(parameters: dict[str, object]) -> UserListQuery:
    try:
        return UserListQuery.model_validate(parameters)
    except ValidationError as error:
        raise BadParameters(problems_from(error, depth=1)) from None
