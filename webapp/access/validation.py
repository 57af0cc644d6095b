"""Validation of the names and descriptions of roles and groups."""

from __future__ import annotations

from webapp.access.models import DESCRIPTION_MAX, NAME_MAX
from webapp.core.errors import Invalid, Problem
from webapp.core.text import caseless_key, clean_text
from webapp.core.texts import _, pgettext


def validate_texts(*, name: str, description: str) -> tuple[dict[str, str], list[Problem]]:
    """Return the columns `name`, `name_key` and `description`, and everything that is wrong with them."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for field, text, max_length in (("name", name, NAME_MAX), ("description", description, DESCRIPTION_MAX)):
        try:
            texts[field] = clean_text(text, field=field)
        except Invalid as error:
            problems += error.problems
            continue
        if len(texts[field]) > max_length:
            problems.append(Problem(field, "length", _("Use at most %(max)s characters", max=max_length)))
    if texts.get("name") == "":
        problems.append(Problem("name", "missing", pgettext("of a thing", "Enter a name")))
    return texts | {"name_key": caseless_key(texts.get("name", ""))}, problems
