"""Periods of filters in words: “last 7 days”, “from Mar 1, 2026”."""

from __future__ import annotations

from webapp.core.formats import format_iso_date, format_number
from webapp.core.periods import RANGE, days_of
from webapp.core.text import caseless_key
from webapp.core.texts import _, ngettext
from webapp.directory.value_words import NEVER_WORDS

_WORDS = {"today": _("today"), "сегодня": _("today"), "yesterday": _("yesterday"), "вчера": _("yesterday")}
_BOUNDS = {
    "<=": _("until %(day)s"),
    ">=": _("from %(day)s"),
    "<": _("before %(day)s"),
    ">": _("after %(day)s"),
}


def period_label(text: str) -> str:
    """Return the period in words. Raise ValueError if it is not a period."""
    word = caseless_key(text)
    if word in NEVER_WORDS:
        return str(_("never"))
    if RANGE in text:
        return _range_label(*(part.strip() for part in text.split(RANGE, 1)))
    if text.startswith("<") and (days := days_of(text[1:])) and not days[0]:
        ago = days[1]
        return str(ngettext("over %(count)s day ago", "over %(count)s days ago", ago, count=format_number(ago)))
    for sign, words in _BOUNDS.items():
        if text.startswith(sign):
            return str(words) % {"day": _day_label(text.removeprefix(sign).strip())}
    return _day_label(text)


def _range_label(first: str, last: str) -> str:
    if first and last:
        return f"{_day_label(first)} – {_day_label(last)}"
    bound, day = (">=", first) if first else ("<=", last)
    return str(_BOUNDS[bound]) % {"day": _day_label(day)}


def _day_label(text: str) -> str:
    if (word := caseless_key(text)) in _WORDS:
        return str(_WORDS[word])
    if (days := days_of(text)) is None:
        return format_iso_date(text)
    ahead, number = days
    if ahead:
        return str(ngettext("next %(count)s day", "next %(count)s days", number, count=format_number(number)))
    return str(ngettext("last %(count)s day", "last %(count)s days", number, count=format_number(number)))
