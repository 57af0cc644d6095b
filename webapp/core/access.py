"""Who may do what: the permissions, who acts, and the guard that every route names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from flask import Flask, abort, current_app, request
from flask_login import current_user

from webapp.core.errors import Forbidden, NotSignedIn, Unconfirmed
from webapp.core.languages import _


class Permission(StrEnum):
    """Everything that can be allowed or not."""

    USERS_READ = "users.read"
    USERS_CREATE = "users.create"
    USERS_EDIT = "users.edit"
    USERS_DEACTIVATE = "users.deactivate"
    USERS_DELETE = "users.delete"
    USERS_PURGE = "users.purge"
    USERS_EXPORT = "users.export"
    USERS_RESET = "users.reset"
    ROLES_GRANT = "roles.grant"
    ROLES_MANAGE = "roles.manage"
    GROUPS_MANAGE = "groups.manage"
    AUDIT_READ = "audit.read"
    TOKENS_MANAGE = "tokens.manage"
    IMPORTS_RUN = "imports.run"
    SETTINGS_MANAGE = "settings.manage"
    VIEWS_SHARE = "views.share"
    JOBS_READ = "jobs.read"
    JOBS_MANAGE = "jobs.manage"


PERMISSION_LABELS = {
    Permission.USERS_READ: _("See people"),
    Permission.USERS_CREATE: _("Add people"),
    Permission.USERS_EDIT: _("Change people"),
    Permission.USERS_DEACTIVATE: _("Deactivate and reactivate people"),
    Permission.USERS_DELETE: _("Move people to the bin and back"),
    Permission.USERS_PURGE: _("Erase people for good"),
    Permission.USERS_EXPORT: _("Export people"),
    Permission.USERS_RESET: _("Reset how people sign in"),
    Permission.ROLES_GRANT: _("Give and take back roles"),
    Permission.ROLES_MANAGE: _("Make and change roles"),
    Permission.GROUPS_MANAGE: _("Manage groups and who is in them"),
    Permission.AUDIT_READ: _("Read the audit trail"),
    Permission.TOKENS_MANAGE: _("Manage API tokens"),
    Permission.IMPORTS_RUN: _("Import people"),
    Permission.SETTINGS_MANAGE: _("Change settings"),
    Permission.VIEWS_SHARE: _("Share views of the list"),
    Permission.JOBS_READ: _("See everybody’s jobs"),
    Permission.JOBS_MANAGE: _("Run, cancel and retry jobs and schedules"),
}

# Whom a permission reaches: the members of these groups, or everybody.
Reach = frozenset[UUID] | None


@dataclass(frozen=True)
class Powers:
    """What somebody may do: everywhere, and within which groups."""

    everywhere: frozenset[Permission] = frozenset()
    within: Mapping[UUID, frozenset[Permission]] = field(default_factory=dict)

    def can(self, permission: Permission) -> bool:
        """Whether they may do this to anybody at all."""
        return permission in self.everywhere or any(permission in held for held in self.within.values())

    def reach(self, permission: Permission) -> Reach:
        """To whom they may do it."""
        if permission in self.everywhere:
            return None
        return frozenset(group_id for group_id, held in self.within.items() if permission in held)


EVERY_POWER = Powers(everywhere=frozenset(Permission))


class ActorKind(StrEnum):
    USER = "user"
    TOKEN = "token"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who makes a change, as the audit record keeps it.

    `id` is a user's, `token_id` the API token's they came with, `label` what people read.
    """

    kind: ActorKind
    label: str
    id: UUID | None = None
    token_id: UUID | None = None
    address: str = ""
    request_id: str = ""
    # Why, in their own words.
    reason: str = ""


class Caller(Protocol):
    """Who a request comes from: a signed-in person or an API token."""

    @property
    def powers(self) -> Powers: ...
    @property
    def confirmed(self) -> bool: ...
    def actor(self) -> Actor: ...


SIGNED_IN = "signed-in"
PUBLIC = "public"
View = TypeVar("View", bound=Callable[..., Any])


def requires(guard: Permission, *, sudo: bool = False, everywhere: bool = False) -> Callable[[View], View]:
    """Only who holds the permission may enter.

    With `sudo`, only soon after they gave their password; with `everywhere`, only if it is not bound to some groups.
    """

    def mark(view: View) -> View:
        cast(Any, view).sudo = sudo
        cast(Any, view).everywhere = everywhere
        return _guarded(view, guard)

    return mark


def signed_in(view: View) -> View:
    """Anyone who has signed in may enter."""
    return _guarded(view, SIGNED_IN)


def public(view: View) -> View:
    """Anyone may enter, also without signing in."""
    return _guarded(view, PUBLIC)


def _guarded(view: View, guard: str) -> View:
    cast(Any, view).guard = guard
    return view


def actor() -> Actor:
    """The actor of this request."""
    return cast(Caller, current_user).actor()


def can(permission: str, *, everywhere: bool = False) -> bool:
    """For templates: whether the person looking may do this, at least to somebody, or `everywhere`."""
    caller = current_user._get_current_object()  # noqa: SLF001  one look, where a page asks dozens of times
    if not caller.is_authenticated:
        return False
    powers: Powers = caller.powers
    return Permission(permission) in powers.everywhere if everywhere else powers.can(Permission(permission))


def permitted() -> tuple[frozenset[Permission], frozenset[Permission]]:
    """For templates: all that `can` answers by, everywhere and at least to somebody."""
    powers: Powers = current_user.powers
    return powers.everywhere, powers.everywhere.union(*powers.within.values())


def reach(permission: Permission) -> Reach:
    """Whom of all people this request may do it to."""
    return cast(Caller, current_user).powers.reach(permission)


def init_access(app: Flask) -> None:
    app.before_request(_enforce)


def _enforce() -> None:
    """Runs before the view and before anything is read of the body: no guard, no entry."""
    if request.routing_exception is not None:
        raise request.routing_exception
    view = current_app.view_functions.get(request.endpoint or "")
    guard = getattr(view, "guard", None)
    if guard == PUBLIC or request.endpoint == "static":
        return
    if guard is None:
        abort(403)
    if not current_user.is_authenticated:
        raise NotSignedIn(_("Sign in to continue."))
    if guard != SIGNED_IN:
        _check(guard, everywhere=getattr(view, "everywhere", False))
        if getattr(view, "sudo", False):
            check_confirmed()


def check_confirmed() -> None:
    """Raises Unconfirmed unless whoever asks gave their password a short while ago."""
    if not current_user.confirmed:
        raise Unconfirmed(_("Enter your password again to go on."))


def _check(guard: Permission, *, everywhere: bool) -> None:
    powers = current_user.powers
    if not powers.can(guard):
        raise Forbidden(_("Your account may not do this. An owner of this Rollcall can."))
    if everywhere and powers.reach(guard) is not None:
        raise Forbidden(_("Your roles let you do this within some groups only, and this is about everybody."))
