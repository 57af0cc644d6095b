"""Reads cells by the type of their column. What can mean two things is refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from functools import lru_cache

from webapp.attributes.models import Kind
from webapp.core.errors import Invalid
from webapp.core.statuses import Status
from webapp.core.text import caseless_key
from webapp.core.texts import _, find_locale, find_timezone
from webapp.imports.files.dates import read_date
from webapp.imports.files.mapping import Column
from webapp.imports.files.records import Cell, Exact
from webapp.imports.files.words import NO_WORDS, STATUSES, YES_WORDS

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:E[+-]?\d{1,3})?", re.IGNORECASE)
# 1,234 and 1.234: a thousand, or one and a bit.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_GROUPED = {
    "point": re.compile(r"[+-]?[1-9]\d{0,2}(?:[,'’]\d{3})+(?:\.\d+)?|[+-]?\d{0,40}\.?\d{1,40}"),
    "comma": re.compile(r"[+-]?[1-9]\d{0,2}(?:[.'’]\d{3})+(?:,\d+)?|[+-]?\d{0,40},?\d{1,40}"),
}
# A spreadsheet shows long numbers like this, and the other digits are lost.
_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d{2,}")
# A whole number that a program took for a number with a fraction, such as a phone number.
_WHOLE = re.compile(r"(\d{6,})\.0")
_ERRORS = frozenset({"#n/a", "#ref!", "#value!", "#name?", "#null!", "#div/0!", "#num!", "#н/д", "#ссылка!", "#знач!"})
_NAME_IN_DIRECTORY = re.compile(r"cn=((?:[^,\\]|\\.)+),\s*[a-z]+=", re.IGNORECASE)
_LIST = re.compile(r"[;|\n]")
_QUOTED_OR_SEPARATOR = re.compile(r'("(?:[^"]|"")*")|;')
SHOWN_MAX = 40
# Cells are long in hostile files only.
CACHED_MAX = 500
# A flag of userAccountControl.
ACCOUNT_DISABLED = 2
FLAGS_DIGITS_MAX = 10


def read_text(cell: str) -> str:
    """Raise Invalid if a spreadsheet has replaced the text."""
    if isinstance(cell, Exact):
        return str(cell)
    if cell[:1] == "#" and cell.casefold() in _ERRORS:
        raise Invalid(_("“%(cell)s” is an error of the spreadsheet", cell=cell))
    if "E+" in cell and _SHORTENED.fullmatch(cell):
        raise Invalid(_("“%(cell)s” was shortened by a spreadsheet: format the column as text", cell=cell[:SHOWN_MAX]))
    match = _WHOLE.fullmatch(cell) if cell.endswith(".0") else None
    return match[1] if match else cell


def read_number(cell: str, format_: str) -> str:
    """Return the number with a decimal point."""
    text = "".join(cell.split()).replace("\N{MINUS SIGN}", "-")
    if isinstance(cell, Exact):
        return text
    if not format_ and _AMBIGUOUS.fullmatch(text):
        message = _("“%(cell)s” can mean two numbers: choose the number format of this column", cell=text)
        raise Invalid(message)
    for name in (format_,) if format_ else _GROUPED:
        if _GROUPED[name].fullmatch(text):
            text = re.sub("[,'’]" if name == "point" else "[.'’]", "", text).replace(",", ".")
            return f"0{text}" if text.startswith(".") else text
    if _NUMBER.fullmatch(text):
        return text
    raise Invalid(_("“%(cell)s” is not a number", cell=text[:SHOWN_MAX]))


def find_number_format(cells: Iterable[str]) -> str:
    """Return `point` or `comma` if all numbers show the same one, or else ""."""
    formats = set()
    for cell in cells:
        text = "".join(cell.split())
        if isinstance(cell, Exact) or not any(c in ",." for c in text):
            continue
        fitting = {name for name, pattern in _GROUPED.items() if pattern.fullmatch(text)}
        formats.add(fitting.pop() if len(fitting) == 1 and not _AMBIGUOUS.fullmatch(text) else "")
    return formats.pop() if len(formats) == 1 else ""


def read_flag(cell: str) -> bool:
    """Return yes or no."""
    word = caseless_key(cell)
    if word not in YES_WORDS and word not in NO_WORDS:
        raise Invalid(_("“%(cell)s” is neither yes nor no", cell=cell[:SHOWN_MAX]))
    return word in YES_WORDS


@lru_cache(maxsize=4096)
def read_status(cell: str) -> str:
    """Return active, invited or deactivated."""
    status = STATUSES.get(caseless_key(cell))
    if status is None:
        raise Invalid(_("“%(cell)s” is not a known status: choose what it means", cell=cell[:SHOWN_MAX]))
    return status


def read_account_control(cell: str) -> str | None:
    """Return deactivated if the flags of Active Directory say it, or None."""
    if not cell.isdecimal() or len(cell) > FLAGS_DIGITS_MAX:
        raise Invalid(_("“%(cell)s” is not a number", cell=cell[:SHOWN_MAX]))
    return str(Status.DEACTIVATED) if int(cell) & ACCOUNT_DISABLED else None


def read_locale(cell: str) -> str | None:
    """Return a language of Rollcall, or None if it does not have the language."""
    return find_locale(cell)


def read_timezone(cell: str) -> str | None:
    """Return an IANA time zone, or None for names of other systems."""
    return find_timezone(cell)


def read_list(cell: Cell) -> tuple[str, ...]:
    """Return the items of a cell. They are separated by semicolons, bars or line breaks, or else by commas.

    An item in quotes can contain all of these, as in CSV. Of a path or a name in a directory, the last part counts.
    """
    if isinstance(cell, str) and len(cell) <= CACHED_MAX:
        return _cached_items(cell)
    return _items(cell)


def _items(cell: Cell) -> tuple[str, ...]:
    text = "" if isinstance(cell, tuple) else cell or ""
    if isinstance(cell, tuple):
        items: Iterable[str] = cell
    elif _NAME_IN_DIRECTORY.match(text):
        items = [text]
    elif '"' in text:
        items = _quoted_items(_QUOTED_OR_SEPARATOR.sub(lambda match: match[1] or ",", text))
    else:
        items = _LIST.split(text) if _LIST.search(text) else text.split(",")
    return tuple(dict.fromkeys(_short_name(item.strip()) for item in items if item.strip()))


_cached_items = lru_cache(maxsize=4096)(_items)


def _quoted_items(text: str) -> list[str]:
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        return [item for row in rows for item in row]
    except csv.Error:
        # An item is too long.
        return text.split(",")


def _short_name(name: str) -> str:
    """Return Sales for CN=Sales,OU=Groups,DC=example in LDAP, and for /Staff/Sales in Keycloak."""
    if match := _NAME_IN_DIRECTORY.match(name):
        return match[1].replace("\\", "")
    return name.rpartition("/")[2] or name if name.startswith("/") else name


def read_attribute(cell: str, kind: str, column: Column) -> str:
    """Return the value of an attribute as text that `attributes.values` accepts."""
    if kind == Kind.DATE:
        return read_date(cell, column.dates)
    if kind == Kind.NUMBER:
        return read_number(cell, column.numbers)
    if kind == Kind.YES_NO:
        return "yes" if read_flag(cell) else "no"
    return read_text(cell)
