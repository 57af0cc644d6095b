"""What the command palette and the search page find: people, groups, roles and views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from webapp.access.models import Group, Role
from webapp.access.queries import list_roles, search_groups
from webapp.core.permissions import Permission
from webapp.core.text import fold_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.directory.listing import suggest_users
from webapp.directory.schemas import UserListQuery
from webapp.directory.suggestions import list_or_suggest
from webapp.directory.viewer import Viewer
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import search_views
from webapp.directory.views.shown_view import view_url
from webapp.users.models import ListedUser
from webapp.web.guards import can

PEOPLE_MAX = 8
OTHERS_MAX = 5


@dataclass(frozen=True)
class Entry:
    """`symbol` is the icon. People have `status` instead, and their initials are shown."""

    id: str
    text: str
    note: str
    url: str
    symbol: str = ""
    status: str = ""


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class FoundEverything:
    """`marks` are the words to mark in names and addresses of people."""

    sections: Sequence[Section] = ()
    marks: Any = ""


def find_everything(text: str, viewer: Viewer, viewer_id: UUID) -> FoundEverything:
    """Return the first matches of each kind. Leave out kinds without matches."""
    if not text.strip():
        return FoundEverything()
    users = list_or_suggest(UserListQuery(q=text, limit=PEOPLE_MAX), viewer)
    people = users.items or suggest_users(users.search, viewer)
    groups = search_groups(search=text, reach=viewer.reach).order_by(Group.name_sort, Group.id).limit(OTHERS_MAX)
    sections = (
        Section("people", _("People"), [person_entry(user) for user in people]),
        Section("groups", _("Groups"), [group_entry(group) for group in db.session.scalars(groups)]),
        Section("roles", _("Roles"), [role_entry(role) for role in _search_roles(text)]),
        Section("views", _("Views"), [view_entry(view) for view in search_views(text, viewer_id, OTHERS_MAX)]),
    )
    return FoundEverything([section for section in sections if section.entries], users.search.marks)


def person_entry(user: ListedUser) -> Entry:
    url = url_for("users.show", user_id=user.id)
    return Entry(str(user.id), user.name, user.email, url, status=str(user.status))


def group_entry(group: Group) -> Entry:
    return Entry(str(group.id), group.name, "", url_for("groups.show", group_id=group.id), "grid")


def role_entry(role: Role) -> Entry:
    return Entry(str(role.id), role.name, "", url_for("roles.show", role_id=role.id), "shield")


def view_entry(view: SavedView) -> Entry:
    return Entry(str(view.id), view.name, "", view_url(view), "bookmark")


def _search_roles(text: str) -> Iterable[Role]:
    """There are few roles, and the names of built-in ones are translated."""
    words = fold_text(text).split()
    roles = list_roles() if can(Permission.ROLES_GRANT) else []
    return [role for role in roles if all(word in fold_text(role.name) for word in words)][:OTHERS_MAX]
