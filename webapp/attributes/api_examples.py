"""What the pages of attributes can also do by API and command line."""

from __future__ import annotations

from typing import Any

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.api_panel import ApiExample, ApiExamples

_NEW = {"key": "employee_number", "label_en": "Employee number", "unique": True}


def _listed(_arguments: dict[str, Any]) -> list[ApiExample]:
    command = ["attributes", "list"]
    return [ApiExample(_("List attributes"), "/attributes", Permission.SETTINGS_MANAGE, arguments=command)]


def _new(_arguments: dict[str, Any]) -> list[ApiExample]:
    command = ["attributes", "create", f"--key={_NEW['key']}", f"--label-en={_NEW['label_en']}", "--unique"]
    return [
        ApiExample(
            _("Create attribute"), "/attributes", Permission.SETTINGS_MANAGE, "POST", body=_NEW, arguments=command
        )
    ]


def _edited(arguments: dict[str, Any]) -> list[ApiExample]:
    attribute_id = str(arguments["attribute_id"])
    path, show = f"/attributes/{attribute_id}", ["attributes", "show", attribute_id]
    update = ["attributes", "update", attribute_id, "--help-text=As on the badge"]
    return [
        ApiExample(_("Read this attribute"), path, Permission.SETTINGS_MANAGE, arguments=show),
        ApiExample(
            _("Change this attribute"),
            path,
            Permission.SETTINGS_MANAGE,
            "PATCH",
            body={"help": "As on the badge"},
            arguments=update,
        ),
    ]


def _deleted(arguments: dict[str, Any]) -> list[ApiExample]:
    path, command = f"/attributes/{arguments['attribute_id']}", ["attributes", "delete", str(arguments["attribute_id"])]
    return [ApiExample(_("Delete"), path, Permission.SETTINGS_MANAGE, "DELETE", arguments=command)]


def init_api_examples(examples: ApiExamples) -> None:
    examples.update(
        {
            "attributes.index": _listed,
            "attributes.new": _new,
            "attributes.edit": _edited,
            "attributes.confirm_deletion": _deleted,
        }
    )
