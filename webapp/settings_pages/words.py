"""Values of settings in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from webapp.core.formats import format_number
from webapp.core.texts import _, ngettext, pgettext
from webapp.settings import UNLIMITED

_LIMIT = re.compile(r"(\d+)/(\d*)([a-z]+?)s?")
_FACTOR_GROUPS = {
    "staff": _("People with a permission"),
    "everyone": _("Everyone"),
    UNLIMITED: _("No one"),
}


def characters(number: int) -> str:
    return ngettext("%(num)s character", "%(num)s characters", number)


def days(number: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", number)


def hours(number: int) -> str:
    return ngettext("%(num)s hour", "%(num)s hours", number)


def minutes(number: int) -> str:
    return ngettext("%(num)s minute", "%(num)s minutes", number)


def on_or_off(value: str) -> str:
    return str(pgettext("a setting", "On") if value == "on" else pgettext("a setting", "Off"))


def factor_group(value: str) -> str:
    return str(_FACTOR_GROUPS[value])


def names_or_none(names: Sequence[str]) -> str:
    return ", ".join(names) or str(_("None"))


def limit_in_words(limit: str) -> str:
    """Return `10 in 5 minutes` for `10/5minutes`."""
    found = _LIMIT.fullmatch(limit)
    if not found:
        return str(_("No limit"))
    count, number = format_number(int(found[1])), int(found[2] or 1)
    if found[3] == "second":
        return ngettext("%(count)s in %(num)s second", "%(count)s in %(num)s seconds", number, count=count)
    if found[3] == "minute":
        return ngettext("%(count)s in %(num)s minute", "%(count)s in %(num)s minutes", number, count=count)
    if found[3] == "hour":
        return ngettext("%(count)s in %(num)s hour", "%(count)s in %(num)s hours", number, count=count)
    return ngettext("%(count)s in %(num)s day", "%(count)s in %(num)s days", number, count=count)
