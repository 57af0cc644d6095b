"""`flask groups members`."""

from __future__ import annotations

from typing import Literal

import click
from flask.cli import with_appcontext

from webapp.core.commands import json_option
from webapp.groups.commands import find_group
from webapp.groups.queries import MEMBERS_BY_NAME, direct_members, future_members, memberships_of
from webapp.groups.schemas import MemberOut, MemberPage
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields


@click.command("members")
@click.argument("group")
@click.option("--state", type=click.Choice(["current", "future"]), default="current", show_default=True)
@page_options
@json_option
@with_appcontext
def members(group: str, state: Literal["current", "future"], limit: int, after: str | None, as_json: bool) -> None:
    """List the members of a group by name, without those of groups inside it."""
    group_id = find_group(group).id
    people = future_members(group_id) if state == "future" else direct_members(group_id)
    page = paginate(people, MEMBERS_BY_NAME, Window(limit, after))
    memberships = memberships_of(group_id, [user.id for user in page.items])
    body = MemberPage(items=[MemberOut.of(memberships[user.id], user) for user in page.items], **page_fields(page))
    print_page(page, body, (f"{user.id}  {user.email}  {user.name}" for user in page.items), as_json=as_json)
