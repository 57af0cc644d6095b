"""Prints the sheets of a workbook on standard input, as JSON lines. It runs as a program of its own.

A small workbook can ask for more memory than there is. The limits of this process stop it, and not the worker.

    python sheet_process.py heads        each visible sheet: its name and first rows
    python sheet_process.py rows NAME    each row of a sheet: its number and cells
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

MEMORY_MAX = 448 * 1024 * 1024
CPU_SECONDS_MAX = 300
SHEETS_MAX = 50
HEAD_ROWS = 40
HEAD_COLUMNS = 1100


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine as calamine  # noqa: PLC0415  after the limits

    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        if sys.argv[1] == "heads":
            _print_heads(workbook, calamine)
        else:
            for number, cells in _rows(workbook.get_sheet_by_name(sys.argv[2])):
                _print([number, cells])
    except calamine.PasswordError:
        sys.exit(3)
    except (calamine.CalamineError, OSError, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


def _print_heads(workbook: Any, calamine: Any) -> None:
    sheets = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == calamine.SheetVisibleEnum.Visible and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    for name in sheets[:SHEETS_MAX]:
        rows = islice(_rows(workbook.get_sheet_by_name(name)), HEAD_ROWS)
        _print([name, [[number, cells[:HEAD_COLUMNS]] for number, cells in rows]])


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    start = sheet.start
    if start is None:
        return
    for number, row in enumerate(sheet.iter_rows(), start[0] + 1):
        yield number, [*[""] * start[1], *map(_cell, row)]


def _cell(value: Any) -> Any:
    """Return text, numbers and booleans as they are, and dates and times as [ISO 8601]."""
    return value if isinstance(value, str | bool | int | float) else [_iso(value)]


def _iso(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _print(line: Any) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
