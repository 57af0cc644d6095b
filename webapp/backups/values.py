r"""The text format of rows, which is that of PostgreSQL's COPY, and its conversion for SQLite.

Columns are separated by tabs, rows end with a line feed, NULL is `\N`. PostgreSQL reads and writes it
without our help.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

NULL = r"\N"
_SPECIAL = re.compile(r"[\\\t\n\r\b\f\v]")
_ESCAPED = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\b": r"\b", "\f": r"\f", "\v": r"\v"}
_UNESCAPED = {escaped[1]: plain for plain, escaped in _ESCAPED.items()}
_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{},"]+)', re.DOTALL)

Convert = Callable[[Any], Any]


def text_lines(rows: Iterable[Sequence[Any]], types: Sequence[str]) -> bytes:
    """Return rows as SQLite stores them in the text format."""
    converts = [_TO_TEXT[type_] for type_ in types]
    lines = (
        "\t".join([NULL if value is None else convert(value) for value, convert in zip(row, converts, strict=True)])
        for row in rows
    )
    return "".join([line + "\n" for line in lines]).encode()


def stored_rows(lines: Iterable[str], types: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the lines, which are without line feeds, as rows of values as SQLite stores them."""
    converts = [_TO_STORED[type_] for type_ in types]
    for line in lines:
        values = zip(line.split("\t"), converts, strict=True)
        yield [None if value == NULL else convert(value) for value, convert in values]


def lines_of(contents: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of the frames of a table. A line can be spread over several frames."""
    rest = b""
    for content in contents:
        *lines, rest = (rest + content).split(b"\n")
        yield from (line.decode() for line in lines)


def escape(value: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], value) if _SPECIAL.search(value) else value


def unescape(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: _UNESCAPED[found[1]], value, flags=re.DOTALL) if "\\" in value else value


def _list_to_text(value: str) -> str:
    """Return a JSON array of texts as an array of PostgreSQL."""
    items = [item.replace("\\", r"\\").replace('"', r"\"") for item in json.loads(value)]
    return escape("{" + ",".join(f'"{item}"' for item in items) + "}")


def _list_to_stored(value: str) -> str:
    items = [re.sub(r"\\(.)", r"\1", quoted) if quoted else bare for quoted, bare in _ITEM.findall(unescape(value))]
    return json.dumps(items)


def _time_to_stored(value: str) -> str:
    """Return a time in UTC with microseconds. PostgreSQL leaves zeros out and adds the time zone."""
    moment, _dot, fraction = value.removesuffix("+00").partition(".")
    return f"{moment}.{fraction:0<6}"


_TO_TEXT: dict[str, Convert] = {
    "uuid": str,
    "time": str,
    "boolean": lambda value: "t" if value else "f",
    "bytes": lambda value: rf"\\x{value.hex()}",
    "integer": str,
    "list": _list_to_text,
    "text": lambda value: escape(str(value)),
}
_TO_STORED: dict[str, Convert] = {
    "uuid": lambda value: value.replace("-", ""),
    "time": _time_to_stored,
    "boolean": lambda value: value == "t",
    "bytes": lambda value: bytes.fromhex(value.removeprefix(r"\\x")),
    "integer": int,
    "list": _list_to_stored,
    "text": unescape,
}
