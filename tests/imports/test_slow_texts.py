"""The time for a long cell grows with its length, and not with the square of it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest

from webapp.core.errors import Invalid
from webapp.imports.files.delimited import find_layout
from webapp.imports.files.encodings import detect_encodings
from webapp.imports.files.tables import EMAIL
from webapp.imports.files.values import read_list, read_number

pytestmark = pytest.mark.one_engine

# The patterns of before needed at least 20 s for these.
LENGTH = 120_000
SECONDS = 3


def read_numbers() -> None:
    with pytest.raises(Invalid):
        read_number("1" * LENGTH + "x", "")


@pytest.mark.parametrize(
    "work",
    [
        lambda: EMAIL.fullmatch("a@" + "." * LENGTH + " "),
        lambda: find_layout(io.BytesIO(b"sep=," + b"\t" * (LENGTH // 2) + b"x\nemail\n"), "utf-8", None, ()),
        lambda: detect_encodings(io.BytesIO(b"name\n" + b"a" * LENGTH + b" \xe9t\xe9\n"), lambda _text: 0),
        read_numbers,
    ],
    ids=["e-mail address", "separator", "encoding", "number"],
)
def test_a_long_text_takes_no_time(work: Callable[[], object]) -> None:
    started = time.monotonic()
    work()
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ('Sales\n"North, East"\nSales', ("Sales", "North, East")),
        ('Sales; "North; East"', ("Sales", "North; East")),
        ('a"b\rc', ('a"b', "c")),
        ('"' + "a" * 200_000 + ",b", ('"' + "a" * 200_000, "b")),
    ],
)
def test_any_list_is_read(cell: str, items: tuple[str, ...]) -> None:
    assert read_list(cell) == items
