"""Validation of one text of a definition."""

from __future__ import annotations

from webapp.core.errors import Invalid, Problem
from webapp.core.text import clean_text
from webapp.core.texts import _


def validate_text(field: str, text: str, max_length: int, problems: list[Problem]) -> str:
    """Return the cleaned text, or "" if it has hidden characters. Append the errors to `problems`."""
    try:
        text = clean_text(text, field=field, joiners=True)
    except Invalid as error:
        problems += error.problems
        return ""
    if len(text) > max_length:
        problems.append(Problem(field, "too_long", _("Use at most %(max)s characters", max=max_length)))
    return text
