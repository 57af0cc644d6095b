"""Renders the page of a group, for its own view and for the views that add and remove members."""

from __future__ import annotations

from itertools import dropwhile
from uuid import UUID

from flask import render_template, url_for

from webapp.access.models import Group
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.forms import MemberForm
from webapp.groups.queries import (
    MEMBERS_BY_NAME,
    ancestors_of,
    child_groups,
    current_memberships,
    direct_members,
    future_members,
    get_visible_group,
    grants_scoped_to,
    grants_to_group,
)
from webapp.groups.rows import member_rows, scoped_grant_rows
from webapp.groups.schemas import GroupListQuery
from webapp.lists.page import paginate
from webapp.web.guards import reach
from webapp.web.paging import parse_query_parameters


def visible_group(group_id: UUID) -> Group:
    """Raise NotFound if the viewer cannot see the group."""
    return get_visible_group(group_id, reach=reach(Permission.USERS_READ))


def render_group(group: Group, form: MemberForm) -> str:
    page = paginate(direct_members(group.id), MEMBERS_BY_NAME, parse_query_parameters(GroupListQuery).window)
    memberships = current_memberships(group.id, [user.id for user in page.items])
    return render_template(
        "groups/show.html",
        group=group,
        path=_path(group),
        children=child_groups(group.id),
        page=page,
        members=member_rows((memberships[user.id], user) for user in page.items),
        future_members=member_rows(future_members(group.id)),
        grants=grants_to_group(group.id),
        scoped_grants=scoped_grant_rows(grants_scoped_to(group.id)),
        form=form,
    )


def _path(group: Group) -> list[tuple[str, str]]:
    """Return (address, text) of the list of groups and of each visible ancestor, from the top."""
    visible, ancestors = reach(Permission.USERS_READ), ancestors_of(group)
    if visible is not None:
        ancestors = list(dropwhile(lambda ancestor: ancestor.id not in visible, ancestors))
    links = [(url_for("groups.show", group_id=ancestor.id), ancestor.name) for ancestor in ancestors]
    return [(url_for("groups.index"), _("Groups")), *links]
