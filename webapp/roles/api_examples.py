"""What the pages of roles, and of what a person can do, can also do by API and command line."""

from __future__ import annotations

from typing import Any

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.api_panel import ApiExample, ApiExamples

_NEW = {"name": "Reception", "permissions": ["users.read", "users.create"]}


def _listed(_arguments: dict[str, Any]) -> list[ApiExample]:
    return [ApiExample(_("List roles"), "/roles", Permission.ROLES_GRANT, arguments=["roles", "list"])]


def _new(_arguments: dict[str, Any]) -> list[ApiExample]:
    command = ["roles", "create", "--name=Reception", "--permission=users.read", "--permission=users.create"]
    return [
        ApiExample(_("Create role"), "/roles", Permission.ROLES_MANAGE, "POST", body=_NEW, arguments=command),
    ]


def _shown(arguments: dict[str, Any]) -> list[ApiExample]:
    role_id = str(arguments["role_id"])
    command = ["roles", "show", role_id]
    return [ApiExample(_("Read this role"), f"/roles/{role_id}", Permission.ROLES_GRANT, arguments=command)]


def _edited(arguments: dict[str, Any]) -> list[ApiExample]:
    role_id, body = str(arguments["role_id"]), {"description": "Front desk"}
    command = ["roles", "update", role_id, f"--description={body['description']}"]
    return [
        ApiExample(
            _("Change this role"), f"/roles/{role_id}", Permission.ROLES_MANAGE, "PATCH", body=body, arguments=command
        )
    ]


def _deleted(arguments: dict[str, Any]) -> list[ApiExample]:
    role_id = str(arguments["role_id"])
    command = ["roles", "delete", role_id]
    return [ApiExample(_("Delete"), f"/roles/{role_id}", Permission.ROLES_MANAGE, "DELETE", arguments=command)]


def _access(arguments: dict[str, Any]) -> list[ApiExample]:
    user_id = str(arguments["user_id"])
    give, path = ["users", "give-role", user_id, "Helpdesk"], f"/users/{user_id}"
    return [
        ApiExample(
            _("What this user can do and why"),
            f"{path}/access",
            Permission.USERS_READ,
            arguments=["users", "access", user_id],
        ),
        ApiExample(
            _("Give role"), f"{path}/grants", Permission.ROLES_GRANT, "POST", body={"role": "Helpdesk"}, arguments=give
        ),
    ]


def init_api_examples(examples: ApiExamples) -> None:
    examples.update(
        {
            "roles.index": _listed,
            "roles.new": _new,
            "roles.show": _shown,
            "roles.edit": _edited,
            "roles.confirm_deletion": _deleted,
            "access.show": _access,
        }
    )
