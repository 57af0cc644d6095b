"""Renders the page of a group, for its own view and for the views that add and remove members."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile
from uuid import UUID

from flask import render_template, url_for

from webapp.access.models import Group
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.forms import MemberForm, OwnerForm
from webapp.groups.queries import (
    MEMBERS_BY_NAME,
    ancestors_of,
    direct_members,
    future_memberships,
    get_visible_group,
    grants_scoped_to,
    grants_to_group,
    memberships_of,
)
from webapp.groups.rows import child_rows, member_rows, scoped_grant_rows
from webapp.groups.schemas import GroupListQuery
from webapp.groups.sizes import sizes_of
from webapp.groups.tree import CHILDREN_MAX, count_children, first_children
from webapp.lists.page import paginate
from webapp.web.guards import reach
from webapp.web.paging import parse_query_parameters


def visible_group(group_id: UUID) -> Group:
    """Raise NotFound if the viewer cannot see the group."""
    return get_visible_group(group_id, reach=reach(Permission.USERS_READ))


def render_group(group: Group, form: MemberForm, owner_form: OwnerForm | None = None) -> str:
    page = paginate(direct_members(group.id), MEMBERS_BY_NAME, parse_query_parameters(GroupListQuery).window)
    memberships = memberships_of(group.id, [user.id for user in page.items])
    children = first_children([group.id]).get(group.id, [])
    sizes = sizes_of([group.id, *(child.id for child in children)]).by_group
    return render_template(
        "groups/show.html",
        group=group,
        path=group_path(group),
        children=child_rows(children, sizes),
        children_count=_count(group, children),
        size=sizes.get(group.id),
        page=page,
        members=member_rows((memberships[user.id], user) for user in page.items),
        future_members=member_rows(future_memberships(group.id, reach=reach(Permission.USERS_READ))),
        grants=grants_to_group(group.id),
        scoped_grants=scoped_grant_rows(grants_scoped_to(group.id)),
        form=form,
        owner_form=owner_form or OwnerForm(),
    )


def _count(group: Group, children: Sequence[Group]) -> int:
    """Return the number of groups inside the group. `children` are the first of them."""
    full = len(children) == CHILDREN_MAX
    return count_children([group.id])[group.id] if full else len(children)


def group_path(group: Group) -> list[tuple[str, str]]:
    """Return (address, text) of the list of groups and of each visible ancestor, from the top."""
    visible, ancestors = reach(Permission.USERS_READ), ancestors_of(group)
    if visible is not None:
        ancestors = list(dropwhile(lambda ancestor: ancestor.id not in visible, ancestors))
    links = [(url_for("groups.show", group_id=ancestor.id), ancestor.name) for ancestor in ancestors]
    return [(url_for("groups.index"), _("Groups")), *links]
