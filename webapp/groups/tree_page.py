"""Renders the list of groups: the tree, the groups inside one group, or the matches of a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import render_template, url_for

from webapp.access.models import Group
from webapp.access.queries import search_groups
from webapp.core.permissions import Permission
from webapp.groups.group_page import group_path, visible_group
from webapp.groups.queries import BY_NAME
from webapp.groups.schemas import GroupListQuery
from webapp.groups.sizes import sizes_of
from webapp.groups.tree import count_children, first_children, groups_inside, manageable, names_above, top_groups
from webapp.groups.tree_rows import MoreNode, Node, TreeData, TreeRow, nodes, tree_rows
from webapp.lists.page import paginate
from webapp.web.guards import reach
from webapp.web.languages import text_direction
from webapp.web.templating import url_with


@dataclass(frozen=True)
class TreePart:
    """Rows of the list. `counted_at` is None if their people were counted just now."""

    rows: Sequence[TreeRow | MoreNode]
    counted_at: datetime | None


def render_tree(query: GroupListQuery) -> str:
    visible = reach(Permission.USERS_READ)
    inside = visible_group(query.inside) if query.inside and not query.q else None
    if query.q:
        groups = search_groups(search=query.q, reach=visible)
    else:
        groups = groups_inside(inside.id) if inside else top_groups(visible)
    page = paginate(groups, BY_NAME, query.window)
    opened = {} if query.q else first_children(query.open)
    part = tree_part(page.items, opened, with_paths=bool(query.q))
    path = [*group_path(inside), (url_for("groups.show", group_id=inside.id), inside.name)] if inside else []
    return render_template(
        "groups/index.html", page=page, part=part, query=query, inside=inside, path=path, toggle_url=toggle_url(query)
    )


def toggle_url(query: GroupListQuery) -> Callable[[UUID], str]:
    """Return the function that gives the address of this page with a group opened or closed."""

    def address(group_id: UUID) -> str:
        kept = {"after": query.after, "before": query.before}
        return f"{url_with(open=query.toggled(group_id), **kept)}#group-{group_id}"

    return address


def tree_part(groups: Sequence[Group], opened: Mapping[UUID, Sequence[Group]], *, with_paths: bool = False) -> TreePart:
    """Return the rows of these groups and of the children in `opened`."""
    shown = [group.id for group in groups] + [child.id for children in opened.values() for child in children]
    counts, sizes = count_children(shown), sizes_of(shown)
    data = TreeData(
        children=counts,
        sizes=sizes.by_group,
        manageable=manageable(shown, reach=reach(Permission.GROUPS_MANAGE)),
        paths=names_above(shown, reach=reach(Permission.USERS_READ)) if with_paths else {},
    )
    found: list[Node | MoreNode] = list(nodes(groups, opened, counts))
    rows = tree_rows(found, data, opened=opened, right_to_left=text_direction() == "rtl")
    return TreePart(rows, sizes.at)
