"""What a definition must look like, and what of an attribute's values stands against changing it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from webapp.attributes.models import (
    CHOICE_MAX,
    CHOICES_MAX,
    HELP_MAX,
    LABEL_MAX,
    SORTABLE_KINDS,
    UNIQUE_KINDS,
    Attribute,
    Editable,
    Kind,
    Visible,
)
from webapp.attributes.queries import live_attributes, people_by_value, people_with, values_of
from webapp.attributes.values import value_key
from webapp.core.errors import Invalid, Problem
from webapp.core.text import cleaned, key
from webapp.core.texts import _, ngettext

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
REPEATED_SHOWN = 5
# Values that are compared, and get a key each, while whoever asks for it waits.
UNIQUE_AT_ONCE = 100_000
CHOICE_LABELS = ("label_en", "label_ru")
CHOICE_PARTS = ("value", *CHOICE_LABELS)


def checked_definition(given: Mapping[str, Any], *, but: UUID | None = None) -> dict[str, Any]:
    """Columns for what is given, of which `key` may be missing. Raises Invalid with every problem.

    `but` is the attribute that it is about: no other one may be called the same.
    """
    problems = [*_key_problems(given), *_offered_problems(given)]
    values = {
        name: given[name]
        for name in ("key", "kind", "required", "unique", "visible_to", "editable_by")
        if name in given
    }
    values["sortable"] = given["sortable"]
    for name, longest in (("label_en", LABEL_MAX), ("label_ru", LABEL_MAX), ("help", HELP_MAX)):
        values[name] = _text(name, given[name], longest, problems, missing=name != "help")
    values["choices"] = _choices(given, problems)
    problems += _taken_labels(values, but)
    if problems:
        raise Invalid(_("Some of what was sent is missing or not right."), problems)
    return values


def _key_problems(given: Mapping[str, Any]) -> list[Problem]:
    if "key" not in given or KEY.fullmatch(given["key"]):
        return []
    message = _("Use small Latin letters, digits and underscores, a letter first, at most 40.")
    return [Problem("key", "malformed", message)]


def _offered_problems(given: Mapping[str, Any]) -> list[Problem]:
    """What is none of the words offered, and words that contradict each other."""
    offered = {"kind": Kind, "visible_to": Visible, "editable_by": Editable}
    problems = [
        Problem(name, "unknown", _("Choose one of those offered."))
        for name, words in offered.items()
        if given[name] not in {word.value for word in words}
    ]
    if given["unique"] and given["kind"] not in UNIQUE_KINDS:
        problems.append(Problem("unique", "kind", _("Only texts, numbers and dates can be unique.")))
    if given["sortable"] and given["kind"] not in SORTABLE_KINDS:
        problems.append(Problem("sortable", "kind", _("The list cannot be sorted by a person.")))
    if given["visible_to"] == Visible.ADMINISTRATORS and given["editable_by"] != Editable.ADMINISTRATORS:
        problems.append(Problem("editable_by", "hidden", _("Whoever changes it must also see it.")))
    return problems


def _text(name: str, text: str, longest: int, problems: list[Problem], *, missing: bool) -> str:
    try:
        text = cleaned(text, field=name, joiners=True)
    except Invalid as error:
        problems += error.problems
        return ""
    if len(text) > longest:
        problems.append(Problem(name, "too_long", _("Use at most %(max)s characters.", max=longest)))
    if missing and not text:
        problems.append(Problem(name, "missing", _("Give it a name in both languages.")))
    return text


def _choices(given: Mapping[str, Any], problems: list[Problem]) -> list[dict[str, str]]:
    """The choices, each with a label in both languages; without one it is called by its value."""
    if given["kind"] != Kind.CHOICE:
        return []
    choices: list[dict[str, str]] = []
    for choice in given["choices"][: CHOICES_MAX + 1]:
        texts = {
            name: _text("choices", choice.get(name, ""), CHOICE_MAX, problems, missing=False) for name in CHOICE_PARTS
        }
        choices.append(texts | {name: texts[name] or texts["value"] for name in CHOICE_LABELS})
    values = Counter(key(choice["value"]) for choice in choices)
    if not choices or "" in values:
        problems.append(Problem("choices", "missing", _("Give at least one choice, one a line.")))
    if len(choices) > CHOICES_MAX:
        problems.append(Problem("choices", "too_many", _("Give at most %(max)s choices.", max=CHOICES_MAX)))
    if twice := [choice["value"] for choice in choices if values[key(choice["value"])] > 1]:
        problems.append(Problem("choices", "twice", _("This choice is there twice: %(choice)s.", choice=twice[0])))
    return choices


def choices_of(lines: Iterable[str]) -> list[dict[str, str]]:
    """Choices out of lines: value | name in English | name in Russian; names may be left out."""
    parted = (line.split("|", 2) for line in lines if line.strip())
    return [dict(zip(CHOICE_PARTS, (part.strip() for part in parts), strict=False)) for parts in parted]


def lines_of(choices: Iterable[Mapping[str, str]]) -> list[str]:
    """The other way."""
    return [" | ".join(choice[part] for part in CHOICE_PARTS) for choice in choices]


def _taken_labels(values: Mapping[str, Any], but: UUID | None) -> list[Problem]:
    """A heading of a file must mean one attribute."""
    others = [attribute for attribute in live_attributes() if attribute.id != but]
    taken = {key(name) for other in others for name in (other.key, other.label_en, other.label_ru)}
    return [
        Problem(name, "taken", _("Another attribute is called so."))
        for name in CHOICE_LABELS
        if values[name] and key(values[name]) in taken
    ]


def value_problems(attribute: Attribute, after: Mapping[str, Any]) -> list[Problem]:
    """Why people's values do not allow that the attribute becomes this."""
    if after["kind"] != attribute.kind:
        return _kind_problems(attribute)
    problems = _choice_problems(attribute, after["choices"]) if attribute.kind == Kind.CHOICE else []
    if after["unique"] and not attribute.unique:
        problems += _unique_problems(attribute)
    return problems


def _kind_problems(attribute: Attribute) -> list[Problem]:
    count = people_with(attribute.key)
    if not count:
        return []
    message = ngettext(
        "The type stays: %(count)s person has a value.",
        "The type stays: %(count)s people have a value.",
        count,
        count=count,
    )
    return [Problem("kind", "in_use", message)]


def _choice_problems(attribute: Attribute, choices: Sequence[Mapping[str, str]]) -> list[Problem]:
    removed = {choice["value"] for choice in attribute.choices} - {choice["value"] for choice in choices}
    used = people_by_value(attribute.key) if removed else Counter[str]()
    return [
        Problem(
            "choices",
            "in_use",
            ngettext(
                "%(count)s person has “%(choice)s”. Give them another one first.",
                "%(count)s people have “%(choice)s”. Give them another one first.",
                used[value],
                count=used[value],
                choice=value,
            ),
        )
        for value in sorted(removed)
        if used[value]
    ]


def _unique_problems(attribute: Attribute) -> list[Problem]:
    count = people_with(attribute.key)
    if count > UNIQUE_AT_ONCE:
        message = _("%(count)s people have a value. Up to %(max)s can be compared.", count=count, max=UNIQUE_AT_ONCE)
        return [Problem("unique", "too_many", message)]
    first: dict[str, Any] = {}
    repeated: dict[str, Any] = {}
    for _user_id, value in values_of(attribute.key):
        same = value_key(attribute.kind, value)
        if same in first:
            repeated[same] = first[same]
        first.setdefault(same, value)
    if not repeated:
        return []
    shown = ", ".join(map(str, list(repeated.values())[:REPEATED_SHOWN]))
    message = ngettext(
        "%(count)s value is there more than once: %(values)s.",
        "%(count)s values are there more than once: %(values)s.",
        len(repeated),
        count=len(repeated),
        values=shown,
    )
    return [Problem("unique", "repeated", message)]
