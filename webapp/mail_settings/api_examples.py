"""What the pages of settings can also do by API and command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.api_panel import ApiExample, ApiExamples


def _read(_arguments: dict[str, Any]) -> list[ApiExample]:
    command = ["settings", "show"]
    return [ApiExample(_("Read the settings"), "/settings", Permission.SETTINGS_MANAGE, arguments=command)]


def _changed(name: str, text: str) -> Callable[[dict[str, Any]], list[ApiExample]]:
    command = ["settings", "update", f"--{name.replace('_', '-')}={text}"]

    def examples(arguments: dict[str, Any]) -> list[ApiExample]:
        change = ApiExample(
            _("Change the settings"),
            "/settings",
            Permission.SETTINGS_MANAGE,
            "PATCH",
            body={name: text},
            arguments=command,
        )
        return [*_read(arguments), change]

    return examples


def init_api_examples(examples: ApiExamples) -> None:
    examples.update(
        {
            "settings.index": _read,
            "organisation.edit": _changed("support_contact", "it@example.com"),
            "mail_settings.edit": _changed("signature_en", "Your IT team"),
        }
    )
