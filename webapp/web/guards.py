"""The guard that each route names: which permission a request needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, abort, current_app, g, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug import Response

from webapp.core.errors import ConfirmationRequired, Forbidden, NotSignedIn
from webapp.core.permissions import Actor, Permission, Powers, Reach
from webapp.core.texts import _


class Caller(Protocol):
    """The sender of a request: a signed-in user or an API token. `scopes` are the permissions of a limited token."""

    @property
    def powers(self) -> Powers: ...
    @property
    def confirmed(self) -> bool: ...
    @property
    def scopes(self) -> frozenset[Permission] | None: ...
    def actor(self) -> Actor: ...


SIGNED_IN = "signed-in"
# A GET changes nothing but these, which write an audit record of what was exported. A test opens all GET routes.
GETS_THAT_WRITE = frozenset({"reviews.export"})
PUBLIC = "public"
# What people can do who must first change their password or add a second factor.
ALWAYS_ALLOWED = frozenset(
    {
        "signin.sign_out",
        "confirmation.show",
        "confirmation.confirm",
        "confirmation.passkey_options",
        "confirmation.use_passkey",
        "account.preferences",
    }
)
View = TypeVar("View", bound=Callable[..., Any])


def requires(guard: Permission, *, sudo: bool = False, everywhere: bool = False) -> Callable[[View], View]:
    """Require a permission.

    `sudo`: the password must have been entered in the last minutes. `everywhere`: the permission must not be limited to
    groups.
    """

    def mark(view: View) -> View:
        cast(Any, view).sudo = sudo
        cast(Any, view).everywhere = everywhere
        return _guarded(view, guard)

    return mark


def signed_in(view: View) -> View:
    """Require only a signed-in user."""
    return _guarded(view, SIGNED_IN)


def confirmed(view: View) -> View:
    """Require a signed-in user who entered their password in the last minutes."""
    cast(Any, view).sudo = True
    return signed_in(view)


def public(view: View) -> View:
    """Require nothing."""
    return _guarded(view, PUBLIC)


def _guarded(view: View, guard: str) -> View:
    cast(Any, view).guard = guard
    return view


def actor() -> Actor:
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
    """Return whether the user has the permission, for some people or `everywhere`. For templates."""
    # One access to `current_user`, because a page asks dozens of times.
    powers: Powers | None = getattr(current_user, "powers", None)
    if powers is None:
        return False
    return Permission(permission) in powers.everywhere if everywhere else powers.can(Permission(permission))


def can_open(view: Callable[..., Any]) -> bool:
    """Return whether the signed-in user may open the page of this view."""
    guard = getattr(view, "guard", PUBLIC)
    return guard in {SIGNED_IN, PUBLIC} or can(guard, everywhere=getattr(view, "everywhere", False))


def held_permissions() -> tuple[frozenset[Permission], frozenset[Permission]]:
    """Return all permissions: those held everywhere, and those held for some people. For cache keys in templates."""
    powers: Powers = current_user.powers
    return powers.everywhere, powers.everywhere.union(*powers.by_scope.values())


def reach(permission: Permission) -> Reach:
    """Return the people over whom this request has the permission."""
    return cast(Caller, current_user).powers.reach(permission)


def init_guards(app: Flask) -> None:
    app.before_request(_enforce)


def _enforce() -> ResponseReturnValue | None:
    """Check the guard of the view, before the body is read. Refuse views without guard.

    Redirect people who have to do something first to the page where they do it.
    """
    if request.routing_exception is not None:
        raise request.routing_exception
    view = current_app.view_functions.get(request.endpoint or "")
    guard = getattr(view, "guard", None)
    if guard == PUBLIC or request.endpoint == "static":
        return None
    if guard is None:
        abort(403)
    if not current_user.is_authenticated:
        raise g.get("token_refusal") or NotSignedIn(_("Sign in to continue"))
    if step := redirect_to_required_step():
        return step
    check_guard(view)
    return None


def check_guard(view: Callable[..., Any] | None) -> None:
    """Check that the signed-in user or the API token may use this view. Raise Forbidden or ConfirmationRequired."""
    guard = getattr(view, "guard", None)
    if guard != SIGNED_IN:
        _check_permission(cast(Permission, guard), everywhere=getattr(view, "everywhere", False))
    if getattr(view, "sudo", False):
        check_confirmed()


def redirect_to_required_step() -> Response | None:
    """Return a redirect if the signed-in user must do something first, and this page is not about it."""
    step: str | None = getattr(current_user, "required_step", None)
    if step and request.blueprint != step.partition(".")[0] and request.endpoint not in ALWAYS_ALLOWED:
        return redirect(url_for(step), 303)
    return None


def check_confirmed() -> None:
    """Raise ConfirmationRequired unless the user entered their password recently."""
    if not current_user.confirmed:
        raise ConfirmationRequired(_("Enter your password again to continue"))


def _check_permission(guard: Permission, *, everywhere: bool) -> None:
    powers = current_user.powers
    if not powers.can(guard):
        raise _missing(guard)
    if everywhere and powers.reach(guard) is not None:
        raise Forbidden(_("Your roles let you do this only within some groups"))


def _missing(permission: Permission) -> Forbidden:
    # Not `actor()`, which reads the reason from the body. That can be large.
    scopes = cast(Caller, current_user).scopes
    if scopes is None or permission in scopes:
        return Forbidden(_("You do not have permission to do this. An owner can do this."))
    message = _("This API token lacks the permission %(permission)s", permission=permission.value)
    return Forbidden(message, field="scopes", code="missing_scope")
