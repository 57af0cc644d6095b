"""What the palette offers before anything is typed: recent things, and actions on the open person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from uuid import UUID

from flask import url_for

from webapp.access.checks import check_user_action
from webapp.access.models import Group, Role
from webapp.access.queries import list_roles, search_groups
from webapp.core.errors import Forbidden, NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.directory.filters import Filter
from webapp.directory.palette import Entry, Section, group_entry, person_entry, role_entry
from webapp.directory.queries import LISTED, visible_to
from webapp.directory.query import Query
from webapp.directory.sources import BY_NAME
from webapp.directory.viewer import Viewer
from webapp.users.models import Status, User
from webapp.users.queries import parse_uuid
from webapp.users.viewer import get_visible_user
from webapp.web.guards import can

RECENT_MAX = 6


def recent_section(names: str, viewer: Viewer) -> Section:
    """Return the entries of names like `user:<ID>,group:<ID>` that the viewer can still see, in this order."""
    pairs = [name.partition(":")[::2] for name in names.split(",")[:RECENT_MAX]]
    wanted = [(kind, row_id) for kind, text in pairs if (row_id := parse_uuid(text))]
    ids = {kind: [row_id for other, row_id in wanted if other == kind] for kind in _READERS}
    found = {kind: {e.id: e for e in read(ids[kind], viewer)} for kind, read in _READERS.items() if ids[kind]}
    entries = [found[kind][str(row_id)] for kind, row_id in wanted if str(row_id) in found.get(kind, {})]
    return Section("recent", str(_("Recent")), entries)


def actions_section(user_id: UUID, by: Actor) -> Section:
    """Return the actions on this person that `by` may take. Raise NotFound if they cannot see the person."""
    user = get_visible_user(user_id)

    @cache
    def may(permission: Permission) -> bool:
        if not can(permission):
            return False
        with suppress(Forbidden, NotFound):
            check_user_action(by, permission, user_id=user_id)
            return True
        return False

    entries = [
        Entry(endpoint.replace(".", "-"), str(text), "", url_for(endpoint, user_id=user_id, _anchor=anchor), symbol)
        for text, symbol, endpoint, anchor, permission, statuses in _ACTIONS
        if user.status in statuses and (permission is None or may(permission))
    ]
    return Section("person", user.name, entries)


def _recent_people(ids: Sequence[UUID], viewer: Viewer) -> list[Entry]:
    query = Query(LISTED, BY_NAME, filters=[Filter(User.id.in_(ids)), *visible_to(viewer)])
    return [person_entry(user) for user in db.session.scalars(query.matches)]


def _recent_groups(ids: Sequence[UUID], viewer: Viewer) -> list[Entry]:
    query = search_groups(reach=viewer.reach).where(Group.id.in_(ids))
    return [group_entry(group) for group in db.session.scalars(query)]


def _recent_roles(ids: Sequence[UUID], viewer: Viewer) -> list[Entry]:
    roles: list[Role] = list_roles() if can(Permission.ROLES_GRANT) else []
    return [role_entry(role) for role in roles if role.id in ids]


_READERS: dict[str, Callable[[Sequence[UUID], Viewer], list[Entry]]] = {
    "user": _recent_people,
    "group": _recent_groups,
    "role": _recent_roles,
}
_PRESENT = frozenset({Status.ACTIVE, Status.INVITED, Status.DEACTIVATED})
_ALL = frozenset(Status)
# Text, icon, page, part of the page, permission, and the statuses of people that the action makes sense for.
_ACTIONS = (
    (_("Edit…"), "edit", "users.edit", None, Permission.USERS_EDIT, _PRESENT),
    (_("Reset password…"), "key", "user_security.show", "reset", Permission.USERS_RESET, _PRESENT),
    (_("Give one-time pass…"), "enter", "user_security.show", "pass", Permission.USERS_RESET, _PRESENT),
    (_("Secure account…"), "alert", "user_security.preview_compromised", None, Permission.USERS_RESET, _PRESENT),
    (
        _("Deactivate…"),
        "user-off",
        "deactivation.confirm",
        None,
        Permission.USERS_DEACTIVATE,
        _PRESENT - {Status.DEACTIVATED},
    ),
    (
        _("Reactivate…"),
        "user-on",
        "deactivation.confirm_reactivation",
        None,
        Permission.USERS_DEACTIVATE,
        {Status.DEACTIVATED},
    ),
    (_("Delete…"), "bin", "bin.confirm_deletion", None, Permission.USERS_DELETE, _PRESENT),
    (_("Restore…"), "undo", "bin.confirm_restoration", None, Permission.USERS_DELETE, {Status.DELETED}),
    (_("Access"), "shield", "access.show", None, None, _ALL),
    (_("Security"), "key", "user_security.show", None, None, _ALL),
    (_("Audit trail"), "history", "users.activity", None, None, _ALL),
    (_("Can they sign in?"), "help", "user_security.sign_in_check", None, None, _ALL),
)
