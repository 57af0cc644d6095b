"""Texts with a plural form, written once and shown later in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.formats import format_number
from webapp.core.texts import ngettext


@dataclass(frozen=True)
class PluralText:
    """A text for one and for many. Both contain %(count)s. `make texts` collects it like `ngettext`."""

    one: str
    many: str

    def format(self, count: int) -> str:
        return ngettext(self.one, self.many, count, count=format_number(count))
