"""One record of a file, before its columns have a meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# A list is a field with several values. None: the record does not have the field.
Cell = str | tuple[str, ...] | None


class Exact(str):
    """A number with a decimal point, or a date in ISO 8601: the file says the type, so the text is not ambiguous."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Record:
    """`cells` are in the order of the headings and can be fewer. `problem`: why the record cannot be read, or ""."""

    number: int
    cells: Sequence[Cell] = ()
    problem: str = ""
