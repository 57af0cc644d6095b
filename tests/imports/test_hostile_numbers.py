"""Numbers that no program writes: the parser of JSON would end the whole process at some of them."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from webapp.core.errors import Invalid
from webapp.imports.files import workbooks
from webapp.imports.files.json_stream import DIGITS_MAX, Damaged, find_list, objects

pytestmark = pytest.mark.one_engine

LONG = "1" * 5000


@pytest.mark.parametrize(
    "text",
    [
        f'[{{"email": "a@b.c", "n": {LONG}}}]',
        f'[{{"n": -{LONG}, "email": "a@b.c"}}]',
        f'{{"email": "a@b.c", "name": "A", "n": {LONG}}}\n',
        # Across the parts in which the file is read.
        f'[{{"email": "{"x" * 4080}", "n": {LONG}}}]',
        f'[{{"email": "{"x" * 3500}", "n": {"1" * (DIGITS_MAX + 1)}}}]',
        '[{"email": "a@b.c", "n": 1e99999999999999999999}]',
    ],
)
def test_a_number_that_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="A record is too large"):
        find_list(io.BytesIO(text.encode()), "utf-8")


def test_one_in_a_later_record_ends_the_file_there() -> None:
    text = f'[{{"email": "a@b.c", "name": "A"}}, {{"email": "{"x" * 9000}", "n": {LONG}}}]'.encode()
    assert find_list(io.BytesIO(text), "utf-8") == "item"
    (_one, first), (_two, second) = objects(io.BytesIO(text), "utf-8", "item")
    assert first["email"] == "a@b.c"
    assert isinstance(second, Damaged)


def test_other_numbers_are_read() -> None:
    number = "1" * DIGITS_MAX
    text = f'[{{"email": "a@b.c", "n": {number}}}]'.encode()
    ((_number, record),) = objects(io.BytesIO(text), "utf-8", find_list(io.BytesIO(text), "utf-8"))
    assert str(record["n"]) == number


def test_an_infinite_number_in_a_workbook_is_text() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["email", "phone"])
        sheet.write_row(1, 0, ["a@b.c", 12345])
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"<v>12345</v>", b"<v>1e999</v>"))
    assert workbooks.find_layout(changed, ()).headings == ("email", "phone")
