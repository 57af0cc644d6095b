"""The commands `flask groups …`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup

from webapp.access.models import Group
from webapp.access.queries import find_by_name, search_groups
from webapp.access.services import add_member, end_membership
from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.core.errors import NotFound
from webapp.core.text import caseless_key, clean_search
from webapp.core.texts import _
from webapp.groups.queries import BY_NAME, get_membership
from webapp.groups.schemas import GroupOut, GroupPage, MemberOut
from webapp.groups.services import create_group
from webapp.lists.page import LIMIT_DEFAULT, LIMIT_MAX, Window, paginate
from webapp.lists.schemas import page_fields
from webapp.users.commands import MOMENT
from webapp.users.queries import get_user_by_identifier

groups_commands = AppGroup("groups", help="List and create groups, add and remove their members.")


@groups_commands.command("list")
@click.option("--q", "search", default="", help="Only groups whose name contains each of these words.")
@click.option("--limit", default=LIMIT_DEFAULT, type=click.IntRange(1, LIMIT_MAX), show_default=True)
@click.option("--after", help="Cursor that was printed at the end of the previous page.")
@json_option
def list_groups(search: str, limit: int, after: str | None, as_json: bool) -> None:
    """List groups by name."""
    page = paginate(search_groups(search=clean_search(search)), BY_NAME, Window(limit, after))
    if as_json:
        items = [_shown(group) for group in page.items]
        print_json(GroupPage(items=items, **page_fields(page)).model_dump(mode="json"))
        return
    for group in page.items:
        echo(f"{group.id}\t{group.name}")
    if page.next:
        click.echo(f"more: --after {page.next}", err=True)


@groups_commands.command("create")
@click.option("--name", required=True)
@click.option("--description", default="")
@click.option("--inside", help="Name or ID of the group that contains the new one.")
@json_option
def create(name: str, description: str, inside: str | None, as_json: bool) -> None:
    """Create a group."""
    parent_id = None if inside is None else _find(inside).id
    group = create_group(name=name, description=description, parent_id=parent_id, by=command_actor())
    print_record(_shown(group).model_dump(mode="json"), as_json=as_json)


@groups_commands.command("add-member")
@click.argument("group")
@click.argument("user")
@click.option("--starts-at", type=MOMENT, help="When the membership starts. ISO 8601, in UTC by default.")
@click.option("--ends-at", type=MOMENT, help="When the membership ends. ISO 8601, in UTC by default.")
@json_option
def add(group: str, user: str, starts_at: datetime | str | None, ends_at: datetime | str | None, as_json: bool) -> None:
    """Add a user to a group. GROUP is a name or ID; USER is an e-mail address, username or ID."""
    if "" in (starts_at, ends_at):
        # An unset variable of a shell must not mean a membership without an end.
        raise click.UsageError("Write a date and time, or leave the option out.")
    found, person = _find(group), get_user_by_identifier(user)
    period: Any = {"starts_at": starts_at, "ends_at": ends_at}
    membership = add_member(found.id, person.id, **period, by=command_actor())
    values = MemberOut.of(membership, person).model_dump(mode="json")
    print_record(values if as_json else values | {"user": person.email}, as_json=as_json)


@groups_commands.command("remove-member")
@click.argument("group")
@click.argument("user")
def remove(group: str, user: str) -> None:
    """Remove a user from a group. GROUP is a name or ID; USER is an e-mail address, username or ID."""
    membership = get_membership(_find(group).id, get_user_by_identifier(user).id)
    end_membership(membership.id, by=command_actor())


def _find(name: str) -> Group:
    group: Group | None = find_by_name(Group, caseless_key(name))
    if group is None:
        raise NotFound(_("This group does not exist"))
    return group


def _shown(group: Group) -> GroupOut:
    return GroupOut.of(group, visible_ids={group.parent_id} if group.parent_id else ())
