"""The commands `flask views …`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.core.commands import json_option, print_record
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import BY_NAME, list_views, view_not_found
from webapp.directory.views.schemas import ViewOut, ViewPage
from webapp.directory.views.services import change_view, delete_view, save_view, stop_sharing
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.users.acting import acting_as, acting_for, as_option
from webapp.users.queries import get_user, get_user_by_identifier

views_commands = AppGroup("views", help="List, save, change and delete views.")
view_argument = click.argument("view_id", type=click.UUID)


@views_commands.command("list")
@click.option("--of", "user", required=True, help="An e-mail address, username or ID.")
@page_options
@json_option
def list_all(user: str, limit: int, after: str | None, as_json: bool) -> None:
    """List the views that a user has or that others share, by name."""
    page = paginate(list_views(get_user_by_identifier(user).id), BY_NAME, Window(limit, after))
    body = ViewPage(items=[ViewOut.of(view) for view in page.items], **page_fields(page))
    lines = (f"{view.id}  {'shared' if view.shared else 'own':<6}  {view.name}  {view.address}" for view in page.items)
    print_page(page, body, lines, as_json=as_json)


@views_commands.command("show")
@view_argument
@json_option
def show(view_id: UUID, as_json: bool) -> None:
    """Show a view."""
    _print(_get(view_id), as_json=as_json)


@views_commands.command("create")
@as_option
@click.option("--name", required=True)
@click.option("--address", default="", help="The parameters of the list of users, for example status=active&sort=name.")
@click.option("--shared", is_flag=True, help="Show it to everyone who can see people.")
@json_option
def create(as_user: str, name: str, address: str, shared: bool, as_json: bool) -> None:
    """Save a view of a user."""
    _print(save_view(name=name, address=address, shared=shared, by=acting_as(as_user)), as_json=as_json)


@views_commands.command("update")
@view_argument
@click.option("--name")
@click.option("--address", help="The parameters of the list of users, for example status=active&sort=name.")
@click.option("--shared/--not-shared", default=None)
@json_option
def update(view_id: UUID, as_json: bool, **options: Any) -> None:
    """Change a view as its owner."""
    values: Any = {name: value for name, value in options.items() if value is not None}
    _print(change_view(view_id, **values, by=_owner(view_id)), as_json=as_json)


@views_commands.command("delete")
@view_argument
def delete(view_id: UUID) -> None:
    """Delete a view as its owner."""
    delete_view(view_id, by=_owner(view_id))


@views_commands.command("stop-sharing")
@view_argument
@json_option
def end_sharing(view_id: UUID, as_json: bool) -> None:
    """Hide a shared view from everyone except its owner."""
    _print(stop_sharing(view_id, by=_owner(view_id)), as_json=as_json)


def _get(view_id: UUID) -> SavedView:
    view = db.session.get(SavedView, view_id)
    if view is None:
        raise view_not_found()
    return view


def _owner(view_id: UUID) -> Actor:
    return acting_for(_get(view_id).owner_id)


def _print(view: SavedView, *, as_json: bool) -> None:
    shown = ViewOut.of(view, get_user(view.owner_id)).model_dump(mode="json")
    print_record(shown if as_json else shown | {"owner": shown["owner"]["name"]}, as_json=as_json)
