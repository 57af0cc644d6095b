"""Reads text files with delimiters: CSV and TSV, as spreadsheets, databases and shells write them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any, TextIO

from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.imports.files.info import FileInfo, changed
from webapp.imports.files.layout import Layout
from webapp.imports.files.lines import LINE_MAX, NUL, PART, Lines, opened
from webapp.imports.files.plain_text import plain_text
from webapp.imports.files.records import Record
from webapp.imports.files.tables import TITLE_ROWS_MAX, Rows, find_headings, score

DELIMITERS = ",;\t|"
# The first line of some files: sep=; or "sep=,". No two parts match the same character: that takes quadratic time.
_SEP_LINE = re.compile(r'\ufeff?"?sep=(.)"?[,;\t|]*[^\S\t]*', re.IGNORECASE)
_MARKED = frozenset("='")
_OPEN_QUOTE = _("a quote is not closed, or a quote inside a cell is not doubled")
_TOO_LONG_CELL = _("a cell is too long")
_NUL_OR_TOO_LONG = _("it has a NUL character, or a line of more than %(max)s characters", max=LINE_MAX)


def find_layout(file: IO[bytes], encoding: str, delimiter: str | None, known: Collection[str]) -> Layout:
    """Return delimiter and headings. `known`: the keys of the attributes' headings. Raise Invalid."""
    with opened(file, encoding) as text:
        first = text.readline(PART)
        delimiter = delimiter or _stated_delimiter(first)
        tables = []
        for each in [delimiter] if delimiter else DELIMITERS:
            text.seek(0)
            rows, error = _first_rows(text, each)
            tables.append((_quality(rows, known), each, rows, error))
    _best, delimiter, rows, error = max(tables, key=lambda table: table[0])
    headings = find_headings(rows, known)
    if any(NUL in cell for cell in headings.cells):
        error = str(_NUL_OR_TOO_LONG)
    if error and not headings.score:
        raise Invalid(_("The header row cannot be read: %(why)s", why=error))
    return Layout("tsv" if delimiter == "\t" else "csv", headings.cells, headings.number + 1, delimiter=delimiter)


def count_known(text: str) -> int:
    """Return how many cells beyond ASCII are known headings in the first lines, whatever the delimiter is."""
    lines = islice(io.StringIO(text[: PART // 4]), TITLE_ROWS_MAX)
    rows = [[cell.strip('"\ufeff') for cell in re.split(r"\s*[,;\t|]\s*", line.strip())] for line in lines]
    return max((score([cell for cell in row if not cell.isascii()], ()) for row in rows), default=0)


def _stated_delimiter(line: str) -> str | None:
    match = _SEP_LINE.fullmatch(line)
    return match[1] if match else None


def _first_rows(text: TextIO, delimiter: str) -> tuple[Rows, str]:
    """Return the first rows, and why the first one that cannot be read cannot, or ""."""
    rows = _parser(Lines(text, delimiter), delimiter)
    parsed = list(islice(_parsed(rows), TITLE_ROWS_MAX))
    error = next((error for _cells, error in parsed if error), "")
    return [
        (number, _clean(cells)) for number, (cells, _error) in enumerate(parsed, 1) if not _is_comment(cells)
    ], error


def _parser(lines: Lines, delimiter: str) -> Any:
    # Without `strict`, a quote that is never closed would silently take in the rows after it.
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)


def _parsed(rows: Any) -> Iterator[tuple[list[str], str]]:
    """Yield the cells of each row, or why it cannot be read."""
    while True:
        try:
            yield next(rows), ""
        except StopIteration:
            return
        except csv.Error as error:
            yield [], str(_TOO_LONG_CELL if "limit" in str(error) else _OPEN_QUOTE)


def _clean(cells: Iterable[str]) -> list[str]:
    """Remove what programs put around text: spaces, ="…" against conversion, and an apostrophe against formulas."""
    return [plain_text(cell) if cell[:1] in _MARKED else cell for cell in map(str.strip, cells)]


def _is_comment(cells: Sequence[str]) -> bool:
    first = cells[0].lstrip("\ufeff \t") if cells else ""
    return (first.startswith(("#", "//")) and first != "#") or bool(_SEP_LINE.fullmatch(first))


def _quality(rows: Rows, known: Collection[str]) -> tuple[int, int, int]:
    """Return how well a delimiter fits: known headings, rows of the most frequent width, and this width."""
    widths = Counter(len(cells) for _number, cells in rows if len(cells) > 1)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return max((score(cells, known) for _number, cells in rows), default=0), count, width


def records(file: IO[bytes], info: FileInfo) -> Generator[Record]:
    """Yield the rows below the headings that have text. Raise Invalid if they are missing."""
    with opened(file, info.encoding) as text:
        lines = Lines(text, info.delimiter)
        rows = _parser(lines, info.delimiter)
        parsed = _parsed(rows)
        skipped = sum(1 for _row in islice(parsed, info.first_row - 1))
        if skipped < info.first_row - 1:
            raise changed()
        number, before = skipped, rows.line_num
        for cells, error in parsed:
            taken, before = rows.line_num - before, rows.line_num
            problem = error or _row_problem(cells, info, taken, has_nul=lines.has_nul)
            # Each line that an open quote took in is a row that is lost otherwise.
            is_open = error or problem == str(_OPEN_QUOTE)
            for _line in range(taken if is_open else 1):
                number += 1
                if problem or any(cells):
                    yield Record(number, _clean(cells), _in_sentence(problem))


def _row_problem(cells: list[str], info: FileInfo, taken: int, *, has_nul: bool) -> str:
    if has_nul and any(NUL in cell for cell in cells):
        return str(_NUL_OR_TOO_LONG)
    if taken > 1 and any(_has_row(cell, info) for cell in cells):
        return str(_OPEN_QUOTE)
    width = len(info.headings)
    if len(cells) > width and any(map(str.strip, cells[width:])):
        return str(_("it has %(cells)s cells but the header row has %(headings)s", cells=len(cells), headings=width))
    return ""


def _has_row(cell: str, info: FileInfo) -> bool:
    """Return whether a line of the cell looks like a row of the table, which the quote of a row before took in."""
    separators = len(info.headings) - 1
    return any("@" in line and line.count(info.delimiter) >= separators > 0 for line in cell.splitlines()[1:])


def _in_sentence(problem: str) -> str:
    return str(_("This row cannot be read: %(why)s", why=problem)) if problem else ""
