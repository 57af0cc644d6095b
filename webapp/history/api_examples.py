"""What the pages of the audit trail can also do by API and command line."""

from __future__ import annotations

from typing import Any

from flask import request

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.history.schemas import FILTERS
from webapp.web.api_panel import ApiExample, ApiExamples


def _listed(_arguments: dict[str, Any]) -> list[ApiExample]:
    query = [(name, text) for name in FILTERS if (text := request.args.get(name))]
    command = ["audit", "list", *(f"--{name}={text}" for name, text in query)]
    return [
        ApiExample(_("List these changes"), "/audit-records", Permission.AUDIT_READ, query=query, arguments=command)
    ]


def _activity(arguments: dict[str, Any]) -> list[ApiExample]:
    user_id = str(arguments["user_id"])
    command = ["users", "activity", user_id]
    return [ApiExample(_("List these changes"), f"/users/{user_id}/activity", Permission.USERS_READ, arguments=command)]


def _undone(arguments: dict[str, Any]) -> list[ApiExample]:
    record_id = str(arguments["record_id"])
    command = ["audit", "undo", record_id]
    return [ApiExample(_("Undo"), f"/audit-records/{record_id}/undo", None, "POST", arguments=command)]


def init_api_examples(examples: ApiExamples) -> None:
    examples.update({"history.index": _listed, "users.activity": _activity, "history.confirm_undo": _undone})
