"""Reads workbooks (XLSX, XLSM, XLSB, XLS, ODS) with python-calamine, in a process with limits of its own."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Collection, Generator, Iterator
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import IO, Any

from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.imports.files.info import FileInfo, changed
from webapp.imports.files.layout import Layout
from webapp.imports.files.records import Exact, Record
from webapp.imports.files.tables import Headings, find_headings

# Of all parts of the workbook after unpacking. calamine needs up to twice as much memory.
UNPACKED_MAX = 128 * 1024 * 1024
PARTS_MAX = 5000
OLE = b"\xd0\xcf\x11\xe0"
OLE_MAX = 64 * 1024 * 1024
_PROGRAM = Path(__file__).with_name("sheet_process.py")
_PASSWORD = 3


def find_layout(file: IO[bytes], known: Collection[str]) -> Layout:
    """Return the sheet with the most known headings. Raise Invalid."""
    notes = _check_parts(file)
    sheets = []
    for name, rows in _run(file, "heads"):
        cells = [(number, [_text(cell) for cell in row]) for number, row in rows]
        if any(any(row) for _number, row in cells):
            sheets.append((name, find_headings(cells, known)))
    if not sheets:
        raise Invalid(_("The file is empty"))
    name, headings = max(sheets, key=lambda sheet: sheet[1].score)
    if len(sheets) > 1:
        notes = (*notes, str(_("Only the sheet “%(name)s” is read.", name=name)))
    return _layout(name, headings, notes)


def _layout(name: str, headings: Headings, notes: tuple[str, ...]) -> Layout:
    return Layout("xlsx", headings.cells, headings.number + 1, part=name, notes=notes)


def records(file: IO[bytes], info: FileInfo) -> Generator[Record]:
    """Yield the rows below the headings that have text."""
    _check_parts(file)
    width = len(info.headings)
    for number, row in _run(file, "rows", info.part):
        if number < info.first_row:
            continue
        cells = [_text(cell) for cell in row]
        if any(cells):
            extra = any(cells[width:])
            problem = str(_("This row has cells beside the columns with headings")) if extra else ""
            yield Record(number, cells[:width], problem)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and not isfinite(cell):
        return str(cell)
    if isinstance(cell, float | int):
        return Exact(int(cell) if cell == int(cell) and abs(cell) < 10**15 else cell)
    return Exact(str(cell[0]).removesuffix("T00:00:00"))


def _check_parts(file: IO[bytes]) -> tuple[str, ...]:
    """Raise Invalid if the workbook is too large after unpacking. Return notes for people."""
    file.seek(0)
    if file.read(len(OLE)) == OLE:
        # XLS, or a workbook that is protected by a password.
        if file.seek(0, io.SEEK_END) > OLE_MAX:
            raise too_large()
        return ()
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Invalid(_("The workbook is damaged")) from None
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        raise too_large()
    has_macros = any(part.filename.casefold().endswith("vbaproject.bin") for part in parts)
    return (str(_("The workbook has macros. They are ignored.")),) if has_macros else ()


def too_large() -> Invalid:
    return Invalid(_("The workbook is too large. Save the sheet as a CSV file."))


def _run(file: IO[bytes], *arguments: str) -> Iterator[Any]:
    """Yield the lines of the program. Raise Invalid if it fails."""
    command = [sys.executable, "-I", str(_PROGRAM), *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603  no part comes from people
    try:
        _send(file, process)
        yield from _lines(process)
    finally:
        process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()


def _send(file: IO[bytes], process: subprocess.Popen[bytes]) -> None:
    """Write the file to the program, which reads it completely before it prints anything."""
    file.seek(0)
    if process.stdin is None:
        raise RuntimeError
    # If the program has stopped, its error says why.
    with suppress(BrokenPipeError), process.stdin as target:
        shutil.copyfileobj(file, target)


def _lines(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    if process.stdout is None or process.stderr is None:
        raise RuntimeError
    for line in process.stdout:
        if not line.endswith(b"\n"):
            break
        yield json.loads(line)
    # The program stops at once after an error, and a backtrace fits into the pipe.
    error = process.stderr.read().decode("utf-8", "replace")
    code = process.wait()
    if code == _PASSWORD:
        raise Invalid(_("The workbook is protected by a password"))
    if code < 0 or "MemoryError" in error or "memory" in error[:200]:
        raise too_large()
    if "WorksheetNotFound" in error:
        raise changed()
    if code:
        raise Invalid(_("The workbook is damaged"))
