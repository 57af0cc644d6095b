"""The commands `flask groups …`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.access.models import Group
from webapp.access.queries import find_by_name, search_groups
from webapp.access.services import add_member, end_membership
from webapp.core.commands import command_actor, json_option, print_record
from webapp.core.errors import NotFound
from webapp.core.text import caseless_key, clean_search
from webapp.core.texts import _
from webapp.groups.queries import BY_NAME, get_membership
from webapp.groups.schemas import GroupOut, GroupPage, MemberOut
from webapp.groups.services import create_group, delete_group, patch_group, restore_group
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.users.commands import MOMENT
from webapp.users.queries import get_user_by_identifier

groups_commands = AppGroup(
    "groups", help="List, create, change, delete and restore groups, add and remove their members."
)


@groups_commands.command("list")
@click.option("--q", "search", default="", help="Only groups whose name contains each of these words.")
@page_options
@json_option
def list_groups(search: str, limit: int, after: str | None, as_json: bool) -> None:
    """List groups by name."""
    page = paginate(search_groups(search=clean_search(search)), BY_NAME, Window(limit, after))
    body = GroupPage(items=[shown_group(group) for group in page.items], **page_fields(page))
    print_page(page, body, (f"{group.id}\t{group.name}" for group in page.items), as_json=as_json)


@groups_commands.command("create")
@click.option("--name", required=True)
@click.option("--description", default="")
@click.option("--inside", help="Name or ID of the group that contains the new one.")
@json_option
def create(name: str, description: str, inside: str | None, as_json: bool) -> None:
    """Create a group."""
    parent_id = None if inside is None else find_group(inside).id
    group = create_group(name=name, description=description, parent_id=parent_id, by=command_actor())
    _print(group, as_json=as_json)


@groups_commands.command("show")
@click.argument("group")
@json_option
def show(group: str, as_json: bool) -> None:
    """Show the group with this name or ID."""
    _print(find_group(group), as_json=as_json)


@groups_commands.command("update")
@click.argument("group")
@click.option("--name")
@click.option("--description")
@click.option("--inside", help="Name or ID of the group that contains it. An empty text moves it to the top.")
@json_option
def update(group: str, inside: str | None, as_json: bool, **texts: str | None) -> None:
    """Change or move the group with this name or ID."""
    fields: Any = {name: text for name, text in texts.items() if text is not None}
    if inside is not None:
        fields["parent_id"] = find_group(inside).id if inside else None
    _print(patch_group(find_group(group).id, **fields, by=command_actor()), as_json=as_json)


@groups_commands.command("delete")
@click.argument("group")
@json_option
def delete(group: str, as_json: bool) -> None:
    """Delete the group with this name or ID. Until it is restored, it has no members and gives no roles."""
    _print(delete_group(find_group(group).id, by=command_actor()), as_json=as_json)


@groups_commands.command("restore")
@click.argument("group_id", type=click.UUID)
@json_option
def restore(group_id: UUID, as_json: bool) -> None:
    """Restore the group with this ID. Its members and roles count again."""
    _print(restore_group(group_id, by=command_actor()), as_json=as_json)


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
    found, person = find_group(group), get_user_by_identifier(user)
    period: Any = {"starts_at": starts_at, "ends_at": ends_at}
    membership = add_member(found.id, person.id, **period, by=command_actor())
    values = MemberOut.of(membership, person).model_dump(mode="json")
    print_record(values if as_json else values | {"user": person.email}, as_json=as_json)


@groups_commands.command("remove-member")
@click.argument("group")
@click.argument("user")
def remove(group: str, user: str) -> None:
    """Remove a user from a group. GROUP is a name or ID; USER is an e-mail address, username or ID."""
    membership = get_membership(find_group(group).id, get_user_by_identifier(user).id)
    end_membership(membership.id, by=command_actor())


def find_group(name: str) -> Group:
    """Return the group with this name or ID. Raise NotFound."""
    group = find_by_name(Group, caseless_key(name))
    if group is None:
        raise NotFound(_("This group does not exist"))
    return group


def shown_group(group: Group) -> GroupOut:
    return GroupOut.of(group, visible_ids={group.parent_id} if group.parent_id else ())


def _print(group: Group, *, as_json: bool) -> None:
    print_record(shown_group(group).model_dump(mode="json"), as_json=as_json)
