"""The rows of the list of groups, as the template prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from webapp.access.models import Group
from webapp.groups.sizes import Size
from webapp.web.charts import ShareBar, share_bar


@dataclass(frozen=True)
class Node:
    """A group and its level, 1 at the top of the list."""

    group: Group
    level: int


@dataclass(frozen=True)
class MoreNode:
    """The children of an open group that the list leaves out."""

    parent: Group
    level: int
    more: int


@dataclass(frozen=True)
class TreeRow:
    """`open` is None for a group without children. `path` are the names of the groups above, in search results."""

    more: ClassVar[int] = 0
    id: UUID
    parent_id: UUID | None
    name: str
    description: str
    level: int
    children: int
    open: bool | None
    manageable: bool
    size: Size | None
    direct_bar: ShareBar
    total_bar: ShareBar
    path: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TreeData:
    """What the rows need to know about all groups of the page."""

    children: Mapping[UUID, int]
    sizes: Mapping[UUID, Size]
    manageable: frozenset[UUID]
    paths: Mapping[UUID, list[str]]


def nodes(
    groups: Sequence[Group], opened: Mapping[UUID, Sequence[Group]], counts: Mapping[UUID, int], level: int = 1
) -> Iterator[Node | MoreNode]:
    """Yield the groups with the children of the open ones below them."""
    for group in groups:
        yield Node(group, level)
        children = opened.get(group.id, ())
        yield from nodes(children, opened, counts, level + 1)
        if children and counts[group.id] > len(children):
            yield MoreNode(group, level + 1, counts[group.id] - len(children))


def tree_rows(
    found: Sequence[Node | MoreNode], data: TreeData, *, opened: Mapping[UUID, object], right_to_left: bool
) -> list[TreeRow | MoreNode]:
    largest = max((size.total for size in data.sizes.values()), default=0) or 1

    def bar(people: int) -> ShareBar:
        return share_bar(people / largest, right_to_left=right_to_left)

    def row(group: Group, level: int) -> TreeRow:
        children, size = data.children.get(group.id, 0), data.sizes.get(group.id)
        return TreeRow(
            id=group.id,
            parent_id=group.parent_id,
            name=group.name,
            description=group.description,
            level=level,
            children=children,
            open=group.id in opened if children else None,
            manageable=group.id in data.manageable,
            size=size,
            direct_bar=bar(size.direct if size else 0),
            total_bar=bar(size.total if size else 0),
            path=data.paths.get(group.id, []),
        )

    return [row(node.group, node.level) if isinstance(node, Node) else node for node in found]
