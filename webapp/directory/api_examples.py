"""What the pages of people, and those of API tokens, can also do by API and command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.directory.schemas import UserListQuery
from webapp.users.models import User
from webapp.web.api_panel import ApiExample, ApiExamples

# Options of the command `users list`.
_OPTIONS = ("q", "status", "sort", "limit")
# A page of the list, which means nothing to a program that begins at the first page.
_WINDOW = frozenset({"after", "before", "count", "at"})
_EXAMPLE_ADDRESS = "anna@example.com"


def list_examples(_arguments: dict[str, Any]) -> list[ApiExample]:
    known = UserListQuery.model_fields.keys() - _WINDOW
    prefix = UserListQuery.parameter_prefix
    query = [
        (name, text)
        for name, text in request.args.items(multi=True)
        if text and (name in known or name.startswith(prefix))
    ]
    # The command cannot do what it has no option for. It must not say less than the page.
    fits = all(name in _OPTIONS for name, _text in query)
    options = [f"--{name}={text}" for name, text in query]
    arguments = ["users", "list", *options] if fits else []
    return [ApiExample(_("List these people"), "/users", Permission.USERS_READ, query=query, arguments=arguments)]


def new_examples(_arguments: dict[str, Any]) -> list[ApiExample]:
    body = {"email": _EXAMPLE_ADDRESS, "name": "Anna Ivanova"}
    arguments = ["users", "create", f"--email={body['email']}", f"--name={body['name']}"]
    return [
        ApiExample(_("Add user"), "/users", Permission.USERS_CREATE, "POST", body=body, arguments=arguments),
    ]


def _of_person(*builders: Callable[[User], ApiExample]) -> Callable[[dict[str, Any]], list[ApiExample]]:
    def examples(arguments: dict[str, Any]) -> list[ApiExample]:
        # The page has read this person, and has checked that the viewer can see them.
        user = db.session.get(User, arguments["user_id"])
        return [build(user) for build in builders] if user else []

    return examples


def _show(user: User) -> ApiExample:
    return ApiExample(
        _("Read this user"), f"/users/{user.id}", Permission.USERS_READ, arguments=["users", "show", str(user.id)]
    )


def _edit(user: User) -> ApiExample:
    arguments = ["users", "update", str(user.id), f"--name={user.name}"]
    path, body = f"/users/{user.id}", {"name": user.name}
    return ApiExample(_("Change this user"), path, Permission.USERS_EDIT, "PATCH", body=body, arguments=arguments)


def _verb(label: str, method: str, resource: str, permission: Permission, command: str = "") -> Any:
    def example(user: User) -> ApiExample:
        arguments = ["users", command, str(user.id)] if command else []
        return ApiExample(label, f"/users/{user.id}{resource}", permission, method, arguments=arguments)

    return example


def init_api_examples(examples: ApiExamples) -> None:
    deactivate = _verb(_("Deactivate"), "POST", "/deactivation", Permission.USERS_DEACTIVATE, "deactivate")
    reactivate = _verb(_("Reactivate"), "DELETE", "/deactivation", Permission.USERS_DEACTIVATE, "reactivate")
    reset = _verb(_("Reset password"), "POST", "/password-reset", Permission.USERS_RESET)
    sessions = _verb(_("Sessions"), "GET", "/sessions", Permission.USERS_READ)
    factors = _verb(_("Second factors"), "GET", "/factors", Permission.USERS_READ)
    delete = _verb(_("Delete"), "DELETE", "", Permission.USERS_DELETE, "delete")
    examples.update(
        {
            "directory.index": list_examples,
            "users.new": new_examples,
            "views.index": lambda _arguments: [ApiExample(_("List views"), "/views", Permission.USERS_READ)],
            "users.show": _of_person(_show, _edit),
            "users.edit": _of_person(_edit),
            "deactivation.confirm": _of_person(deactivate),
            "deactivation.confirm_reactivation": _of_person(reactivate),
            "user_security.show": _of_person(sessions, factors, reset),
            "bin.confirm_deletion": _of_person(delete),
            "token_settings.index": lambda _arguments: [
                ApiExample(_("List tokens"), "/tokens", Permission.TOKENS_MANAGE, arguments=["tokens", "list"])
            ],
        }
    )
