"""Parses the choices of an attribute from a text area, formats them for it, and validates them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from webapp.attributes.models import CHOICE_MAX, CHOICES_MAX, LABEL_FIELDS, Kind
from webapp.attributes.text_fields import validate_text
from webapp.core.errors import Problem
from webapp.core.text import caseless_key
from webapp.core.texts import _

CHOICE_FIELDS = ("value", *LABEL_FIELDS)
# Between the parts of a line.
SEPARATOR = "|"


def parse_choices(lines: Iterable[str]) -> list[dict[str, str]]:
    """Parse lines of the form `value | label in English | label in Russian`. The labels may be left out."""
    rows = (line.split(SEPARATOR, 2) for line in lines if line.strip())
    return [dict(zip(CHOICE_FIELDS, (part.strip() for part in row), strict=False)) for row in rows]


def format_choices(choices: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the lines that `parse_choices` reads."""
    return [f" {SEPARATOR} ".join(choice[name] for name in CHOICE_FIELDS) for choice in choices]


def validate_choices(definition: Mapping[str, Any], problems: list[Problem]) -> list[dict[str, str]]:
    """Return the choices with all labels; an empty label becomes the value. Append the errors to `problems`."""
    if definition["kind"] != Kind.CHOICE:
        return []
    # One choice more than allowed is enough to report that there are too many.
    choices = [_with_labels(choice, problems) for choice in definition["choices"][: CHOICES_MAX + 1]]
    if any(SEPARATOR in text for choice in choices for text in choice.values()):
        # Forms and audit records have a choice as one line, and could not be read back.
        problems.append(Problem("choices", "separator", _("Choices cannot contain the character |")))
    counts = Counter(caseless_key(choice["value"]) for choice in choices)
    if not choices or "" in counts:
        problems.append(Problem("choices", "missing", _("Enter at least one choice")))
    if len(choices) > CHOICES_MAX:
        problems.append(Problem("choices", "too_many", _("Enter at most %(max)s choices", max=CHOICES_MAX)))
    if repeated := [choice["value"] for choice in choices if counts[caseless_key(choice["value"])] > 1]:
        problems.append(Problem("choices", "twice", _("This choice is listed twice: %(choice)s", choice=repeated[0])))
    return choices


def _with_labels(choice: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    texts = {name: validate_text("choices", choice.get(name, ""), CHOICE_MAX, problems) for name in CHOICE_FIELDS}
    return texts | {name: texts[name] or texts["value"] for name in LABEL_FIELDS}
