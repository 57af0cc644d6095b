"""Several values of one filter in one text: active,invited or "Sales, North","Support"."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The number of values that a filter can have.
VALUES_MAX = 20
_QUOTED = r'"(?:[^"]|"")*"'
_ITEM = re.compile(rf"\s*(?:({_QUOTED})|([^,]*?))\s*(?:,|$)")
_QUOTED_LIST = re.compile(rf"\s*{_QUOTED}(?:\s*,\s*{_QUOTED})*\s*")
_PLAIN = re.compile(r'[^\s",]+')


def split_values(text: str) -> list[str]:
    """Return the values without their quotation marks, each once, without empty ones."""
    found = (_unquoted(match[1]) if match[1] else match[2] for match in _ITEM.finditer(text))
    return list(dict.fromkeys(value for value in found if value))


def join_values(values: Iterable[str]) -> str:
    """Return the text that `split_values` splits into these values."""
    values = list(values)
    if len(values) == 1 and not set(values[0]) & set(',"'):
        return values[0]
    return ",".join(values if all(map(_PLAIN.fullmatch, values)) else map(quoted, values))


def quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def is_quoted(text: str) -> bool:
    """Return whether each value of the text is in quotation marks."""
    return bool(_QUOTED_LIST.fullmatch(text))


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"').strip()
