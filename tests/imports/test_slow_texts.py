"""The time for a long cell grows with its length, and not with the square of it.

The patterns of before needed 20 s for 120,000 characters, so that the time limit of a test would end them here.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from webapp.core.errors import Invalid
from webapp.imports.files.delimited import find_layout
from webapp.imports.files.encodings import detect_encodings
from webapp.imports.files.tables import EMAIL
from webapp.imports.files.values import read_list, read_number

pytestmark = pytest.mark.one_engine

LENGTH = 1_000_000


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
def test_a_long_text_is_read_to_its_end(work: Callable[[], object]) -> None:
    work()


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
