"""Writes people as a workbook (XLSX), one row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import IO, Any

from webapp.bulk.export_columns import Column, Value
from webapp.core.errors import Refused
from webapp.core.texts import _

CELL_MAX = 32_767
WIDTH = 24
# Excel counts days from 1900, a year that it takes for a leap year.
DATES_FROM = 1901
# A number in a workbook has this many digits.
DIGITS = 15
_OPTIONS = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}


def write_workbook(
    file: IO[bytes], headings: Sequence[str], columns: Sequence[Column], rows: Iterable[Sequence[Value | str]]
) -> None:
    """Write one sheet. Cells are texts, numbers, dates, or yes and no; none can be a formula. Raise Refused."""
    import xlsxwriter  # noqa: PLC0415  it takes 70 ms, and few processes write workbooks

    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        sheet = book.add_worksheet(str(_("Users")))
        sheet.set_column(0, len(columns) - 1, WIDTH)
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, bold)
        for number, row in enumerate(rows, 1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                _write(sheet, number, place, value, is_date=column.is_date)


def _write(sheet: Any, row: int, place: int, value: Value, *, is_date: bool) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float) and float(f"{value:.{DIGITS}g}") == value:
        sheet.write_number(row, place, value)
    elif is_date and (day := date.fromisoformat(str(value))).year >= DATES_FROM:
        sheet.write_datetime(row, place, day)
    elif len(text := str(value)) > CELL_MAX:
        raise Refused(_("A cell of an XLSX file is too small for a value in row %(row)s. Choose CSV.", row=row + 1))
    else:
        sheet.write_string(row, place, text)
