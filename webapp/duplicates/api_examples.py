"""What the page of duplicates shows under “Do this by API”."""

from __future__ import annotations

from typing import Any

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.api_panel import ApiExample, ApiExamples


def _listed(_arguments: dict[str, Any]) -> list[ApiExample]:
    return [ApiExample(_("List duplicates"), "/duplicates", Permission.USERS_EDIT, arguments=["duplicates", "list"])]


def init_api_examples(examples: ApiExamples) -> None:
    examples["duplicates.index"] = _listed
