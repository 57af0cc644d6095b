"""Files that are damaged, or made to exhaust memory or time."""

from __future__ import annotations

import datetime as dt
import io
import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tests.imports.reading import attribute, recognised, rows_of, targets
from webapp.attributes.models import Kind
from webapp.core.errors import Invalid
from webapp.imports.files import read_rows, recognise, workbooks

GOOD = "z@example.org,Zoe\n"


def workbook(*rows: list[object], sheets: int = 1) -> bytes:
    """Return an XLSX file whose last sheet has the rows."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "dd.mm.yyyy"}) as book:
        pages = [book.add_worksheet() for _page in range(sheets)]
        for number, row in enumerate(rows):
            pages[-1].write_row(number, 0, row)
        pages[0].write(0, 0, rows[0][0])
    return content.getvalue()


def changed_part(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Return the workbook with a text of one part replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in source.namelist():
            data = source.read(part)
            copy.writestr(part, data.replace(old, new) if part == name else data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a@x.org,A\x00nn\n", "NUL"),
        ("a@x.org," + "x" * 200_000 + "\n", "too long"),
        ("a@x.org," + "x" * 2_500_000 + "\n", "1048576"),
        ("a@x.org," + "," * 1_000_000 + "x\n", "cells|1048576"),
        ('a@x.org,"Ann"oops\n', "quote"),
    ],
)
def test_a_bad_row_is_refused_and_the_next_one_is_read(line: str, reason: str) -> None:
    content = f"Email,Name\n{line}{GOOD}"
    bad, good = rows_of(content)
    assert (good.number, good.email, good.problems) == (3, "z@example.org", ())
    assert re.search(reason, bad.problems[0])


def test_a_quote_that_a_later_quote_closes_takes_in_no_rows_silently() -> None:
    lines = "".join(f"p{n}@x.org,Person {n}\n" for n in range(5))
    rows = rows_of(f'Email,Name\na@x.org,"Ann\n{lines}b@x.org,Ben"\n{GOOD}')
    assert [bool(row.problems) for row in rows] == [True] * 7 + [False]
    assert [row.number for row in rows] == [*range(2, 10)]


def test_a_name_in_two_lines_is_one_row() -> None:
    assert [row.number for row in rows_of(f'Email,Name\na@x.org,"Ann\nBerg"\n{GOOD}')] == [2, 3]


def test_a_workbook_is_read_with_the_types_of_its_cells() -> None:
    content = workbook(
        ["Title"], [], ["E-mail", "Name", "Phone", "Start", "Remote", "Cost"],
        ["a@x.org", "Ann", 49301234567, dt.date(2026, 2, 28), True, 1.234],
        ["b@x.org", "Ben", "+49 30", "28.02.2026", "нет", "1,234", "extra"], sheets=2,
    )  # fmt: skip
    kinds = {"phone": Kind.TEXT, "start": Kind.DATE, "remote": Kind.YES_NO, "cost": Kind.NUMBER}
    ann, ben = rows_of(content, attributes=[attribute(key, kind) for key, kind in kinds.items()])
    assert ann.attributes == {"phone": "49301234567", "start": "2026-02-28", "remote": "yes", "cost": "1.234"}
    assert (ann.number, ben.number, len(ben.problems)) == (4, 5, 2)
    assert recognised(content).notes == ("Only the sheet “Sheet2” is read.",)


SHEET = "xl/worksheets/sheet1.xml"
FAR_CELL = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
BOOK = workbook(["Email", "Name"], ["a@x.org", "Ann"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (changed_part(BOOK, SHEET, b"</sheetData>", FAR_CELL), "too large"),
        (changed_part(BOOK, SHEET, b"<sheetData>", b"<sheetData"), "damaged|empty"),
        (BOOK[: len(BOOK) // 2], "damaged"),
        (b"PK\x03\x04" + b"x" * 100, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "damaged"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"<html><table>", "web page"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>', "web page"),
        (b"[" * 2_000_000, "JSON"),
        (b'[{"email": "' + b"x" * 20_000_000, "JSON|damaged"),
        (b'{"users": []}', "no list"),
        (b'{"users": [1, 2]}', "no list"),
        (b"[]", "no list"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(content: bytes, message: str) -> None:
    with pytest.raises(Invalid, match=message) as error:
        recognised(content)
    assert len(error.value.message) < 300


def test_a_workbook_that_is_large_after_unpacking_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "UNPACKED_MAX", 1_000_000)
    content = changed_part(BOOK, SHEET, b"</sheetData>", b"</sheetData>" + b" " * 1_000_000)
    with pytest.raises(Invalid, match="too large"):
        recognised(content)


def test_entities_of_a_workbook_are_not_expanded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"x" * 1000 + b'">]>'
    start = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    content = changed_part(BOOK, SHEET, start, bomb)
    try:
        assert targets(recognised(content)) == {"Email": "email", "Name": "name"}
    except Invalid:
        return


def test_a_macro_workbook_is_read_and_its_macros_are_ignored() -> None:
    content = io.BytesIO(BOOK)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"code")
    assert recognised(content.getvalue()).notes == ("The workbook has macros. They are ignored.",)
    assert [row.email for row in rows_of(content.getvalue())] == ["a@x.org"]


@pytest.mark.parametrize("grows", [True, False])
def test_a_file_that_changes_is_not_read_silently(tmp_path: Path, grows: bool) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Email,Name\n" + GOOD * 20_000)
    with path.open("rb") as file:
        info = recognise(file)
        rows = read_rows(file, info, info.mapping)
        next(rows)
        with path.open("a" if grows else "r+") as other:
            other.write("x@example.org,X\n")
        with pytest.raises(Invalid, match="has changed"):
            list(rows)


@pytest.mark.parametrize("container", ["csv", "jsonl", "json", "ldif"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, container: str) -> None:
    count, path = 8000, tmp_path / "people"
    with path.open("w") as file:
        file.writelines(_lines(container, count))
    with path.open("rb") as stored:
        recognise(stored)
        tracemalloc.start()
        info = recognise(stored)
        assert sum(not row.problems for row in read_rows(stored, info, info.mapping)) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # A list of all rows takes over 3 MB, one part at a time about 1 MB.
    assert peak < 2_000_000


def _lines(container: str, count: int) -> list[str]:
    if container == "csv":
        return ["Email,Name\n", *(f"p{n}@example.org,Person {n}\n" for n in range(count))]
    if container == "ldif":
        return [f"dn: uid=p{n}\nobjectClass: person\nmail: p{n}@example.org\ncn: Person {n}\n\n" for n in range(count)]
    records = [f'{{"email": "p{n}@example.org", "name": "Person {n}"}}' for n in range(count)]
    return [record + "\n" for record in records] if container == "jsonl" else ["[", ",".join(records), "]"]


def test_hostile_text_raises_nothing_else() -> None:
    hostile = [
        "Email," + "(" * 50_000,
        "Email," + "[" * 50_000,
        "Email\n" + '"' * 50_000,
        "dn: " + "a=x\\,b=y" * 5000 + ",=\n\nmail: x\n",
        "Email,Start\n" + ("1" * 50_000) + "," + ("1 " * 20_000) + "\n",
    ]
    for content in hostile:
        try:
            rows_of(content, attributes=[attribute("start", Kind.DATE)])
        except Invalid:
            continue
