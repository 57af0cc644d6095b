"""The security rules that count now, as the page of settings shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.core.passwords import PASSWORD_MIN, PASSWORD_MIN_WITH_FACTOR
from webapp.core.texts import _
from webapp.settings import Settings
from webapp.settings_pages.words import (
    characters,
    days,
    factor_group,
    hours,
    limit_in_words,
    minutes,
    names_or_none,
    on_or_off,
)


@dataclass(frozen=True)
class Rule:
    """`variable` is the setting in the environment, or empty if the rule cannot be changed."""

    label: str
    value: str
    variable: str = ""
    is_default: bool = True


@dataclass(frozen=True)
class RuleSection:
    title: str
    rules: Sequence[Rule]


# The label of a rule, the setting that it comes from, and the function that returns its value in words.
_Source = tuple[str, str, Callable[[Any], str]]
_SOURCES: Sequence[tuple[str, Sequence[_Source]]] = (
    (_("Passwords"), [(_("Change a password that someone else set"), "password_change_required", on_or_off)]),
    (
        _("Second factors"),
        [
            (_("Required for"), "mfa_required", factor_group),
            (_("Time to add one"), "mfa_grace_days", days),
        ],
    ),
    (
        _("Sessions"),
        [
            (_("End without use after"), "session_idle_minutes", minutes),
            (_("End in any case after"), "session_hours", hours),
        ],
    ),
    (
        _("Limits"),
        [
            (_("Failed sign-ins of an account"), "login_limit", limit_in_words),
            (_("Password resets of an account"), "reset_limit", limit_in_words),
            (_("API requests of a token"), "api_limit", limit_in_words),
            (_("Exports of a person"), "export_limit", limit_in_words),
        ],
    ),
    (
        _("Data"),
        [
            (_("Deleted people can be restored for"), "bin_days", days),
            (_("Security events are kept for"), "security_event_days", days),
            (_("Actions that need a reason"), "reason_required", names_or_none),
        ],
    ),
)


def security_rules(settings: Settings) -> list[RuleSection]:
    """Return the rules in sections. Rules of passwords begin with those that no setting changes."""
    fixed = [
        Rule(_("Shortest password"), characters(PASSWORD_MIN)),
        Rule(_("Shortest password with a second factor"), characters(PASSWORD_MIN_WITH_FACTOR)),
    ]
    sections = [RuleSection(title, [_rule(settings, *each) for each in rows]) for title, rows in _SOURCES]
    return [RuleSection(sections[0].title, [*fixed, *sections[0].rules]), *sections[1:]]


def _rule(settings: Settings, label: str, name: str, words: Callable[[Any], str]) -> Rule:
    value, field = getattr(settings, name), Settings.model_fields[name]
    return Rule(label, words(value), name.upper(), value == field.default)
