"""What the pages of groups can also do by API and command line."""

from __future__ import annotations

from typing import Any

from flask import request

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.api_panel import ApiExample, ApiExamples

_EXAMPLE_ADDRESS = "anna@example.com"


def _listed(_arguments: dict[str, Any]) -> list[ApiExample]:
    text = request.args.get("q", "")
    arguments = ["groups", "list", *([f"--q={text}"] if text else [])]
    query = [("q", text)] if text else []
    return [ApiExample(_("List groups"), "/groups", Permission.USERS_READ, query=query, arguments=arguments)]


def _new(_arguments: dict[str, Any]) -> list[ApiExample]:
    arguments = ["groups", "create", "--name=Sales"]
    return [
        ApiExample(
            _("Create group"), "/groups", Permission.GROUPS_MANAGE, "POST", body={"name": "Sales"}, arguments=arguments
        )
    ]


def _shown(arguments: dict[str, Any]) -> list[ApiExample]:
    group_id = str(arguments["group_id"])
    path, members = f"/groups/{group_id}", f"/groups/{group_id}/members"
    add = ["groups", "add-member", group_id, _EXAMPLE_ADDRESS]
    return [
        ApiExample(_("Read this group"), path, Permission.USERS_READ, arguments=["groups", "show", group_id]),
        ApiExample(_("List members"), members, Permission.USERS_READ, arguments=["groups", "members", group_id]),
        ApiExample(
            _("Add member"),
            members,
            Permission.GROUPS_MANAGE,
            "POST",
            body={"user": _EXAMPLE_ADDRESS},
            arguments=add,
        ),
    ]


def _edited(arguments: dict[str, Any]) -> list[ApiExample]:
    group_id, body = str(arguments["group_id"]), {"description": "Everyone who talks to customers"}
    command = ["groups", "update", group_id, f"--description={body['description']}"]
    return [
        ApiExample(
            _("Change this group"),
            f"/groups/{group_id}",
            Permission.GROUPS_MANAGE,
            "PATCH",
            body=body,
            arguments=command,
        )
    ]


def _deleted(arguments: dict[str, Any]) -> list[ApiExample]:
    group_id = str(arguments["group_id"])
    command = ["groups", "delete", group_id]
    return [ApiExample(_("Delete"), f"/groups/{group_id}", Permission.GROUPS_MANAGE, "DELETE", arguments=command)]


def init_api_examples(examples: ApiExamples) -> None:
    examples.update(
        {
            "groups.index": _listed,
            "groups.new": _new,
            "groups.show": _shown,
            "groups.edit": _edited,
            "groups.confirm_deletion": _deleted,
        }
    )
