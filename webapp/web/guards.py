"""The guard that each route names: which permission a request needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, abort, current_app, g, has_request_context, request
from flask_login import current_user

from webapp.core.errors import ConfirmationRequired, Forbidden, NotSignedIn
from webapp.core.permissions import Actor, Permission, Powers, Reach
from webapp.core.texts import _


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


def signed_in_user() -> Any:
    """Return the signed-in user. Return None if no one is signed in or the database cannot be reached."""
    if not has_request_context() or database_unreachable():
        return None
    return getattr(current_user, "user", None)


def database_unreachable() -> bool:
    """Return whether this request failed because the database did not answer. Its error page reads nothing."""
    return bool(g.get("database_unreachable"))


def can(permission: str, *, everywhere: bool = False) -> bool:
    """For templates: whether the person looking may do this, at least to somebody, or `everywhere`."""
    if not current_user.is_authenticated:
        return False
    powers: Powers = current_user.powers
    return Permission(permission) in powers.everywhere if everywhere else powers.can(Permission(permission))


def held_permissions() -> tuple[frozenset[Permission], frozenset[Permission]]:
    """For templates: all that `can` answers by, everywhere and at least to somebody."""
    powers: Powers = current_user.powers
    return powers.everywhere, powers.everywhere.union(*powers.by_scope.values())


def reach(permission: Permission) -> Reach:
    """Whom of all people this request may do it to."""
    return cast(Caller, current_user).powers.reach(permission)


def init_guards(app: Flask) -> None:
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
        raise NotSignedIn(_("Sign in to continue"))
    if guard != SIGNED_IN:
        _check(guard, everywhere=getattr(view, "everywhere", False))
        if getattr(view, "sudo", False):
            check_confirmed()


def check_confirmed() -> None:
    """Raises Unconfirmed unless whoever asks gave their password a short while ago."""
    if not current_user.confirmed:
        raise ConfirmationRequired(_("Enter your password again to continue"))


def _check(guard: Permission, *, everywhere: bool) -> None:
    powers = current_user.powers
    if not powers.can(guard):
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))
    if everywhere and powers.reach(guard) is not None:
        raise Forbidden(_("Your roles let you do this only within some groups"))
