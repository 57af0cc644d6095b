"""python -m bench.imports: how fast and with how much memory files of people are read.

The floor of each file is `csv.reader` over the same people as CSV, in the same run. Each file is read in a process of
its own, whose memory is its peak.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.timing import seconds_of
from webapp.imports.files import read_rows, recognise

HEADINGS = ("E-mail", "Name", "Username", "Status", "Start date", "Groups")
WORKBOOK_ROWS_MAX = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.imports")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.read:
        _read(args.read)
        return
    print(
        f"{args.rows:,} people\n\n| file | MB | seconds | × csv.reader | peak memory, MB |\n|---|---:|---:|---:|---:|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for write in WRITERS:
            _measure(Path(folder), write, args.rows)


def _measure(folder: Path, write: Callable[[Path, int], Path], rows: int) -> None:
    path = write(folder, rows)
    floor_file = _write_csv(folder, rows)
    floor = min(seconds_of(lambda: _read_floor(floor_file)) for _round in range(3))
    command = [sys.executable, "-m", "bench.imports", "--read", str(path)]
    seconds, memory, found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    if not found:
        raise RuntimeError(path.name)
    floor *= found / rows
    size = path.stat().st_size / 1e6
    print(
        f"| {path.name}, {found:,} rows | {size:.0f} | {seconds:.2f} | {seconds / floor:.1f} | {memory:.0f} |",
        flush=True,
    )
    path.unlink()


def _read_floor(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for _row in csv.reader(file))


def _read(path: Path) -> None:
    """Print seconds, peak memory in MB and the number of rows. Fail if a row has a problem."""
    count = 0

    def read() -> None:
        nonlocal count
        with path.open("rb") as file:
            info = recognise(file, filename=path.name)
            for row in read_rows(file, info, info.mapping):
                if row.problems:
                    raise RuntimeError(row)
                count += 1

    seconds = seconds_of(read)
    # A workbook is read by a process of its own, which counts too.
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([seconds, sum(peaks) / 1024, count]))


def _people(rows: int) -> Iterator[tuple[str, ...]]:
    for n in range(rows):
        yield f"person{n}@example.com", f"Анна Иванова {n}", f"person{n}", "active", "2026-02-28", "Staff; Sales"


def _write_csv(folder: Path, rows: int, encoding: str = "utf-8", name: str = "people.csv") -> Path:
    with (folder / name).open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(_people(rows))
    return folder / name


def _write_windows_csv(folder: Path, rows: int) -> Path:
    return _write_csv(folder, rows, "cp1251", "people-cp1251.csv")


def _write_json(folder: Path, rows: int) -> Path:
    keys = ("email", "displayName", "username", "status", "startDate", "groups")
    with (folder / "people.json").open("w") as file:
        for n, person in enumerate(_people(rows)):
            file.write("[" if n == 0 else ",\n")
            json.dump(dict(zip(keys, person, strict=True)), file)
        file.write("]")
    return folder / "people.json"


def _write_ldif(folder: Path, rows: int) -> Path:
    with (folder / "people.ldif").open("w") as file:
        for email, name, username, *_rest in _people(rows):
            file.write(f"dn: uid={username}\nobjectClass: person\nuid: {username}\ncn: {name}\nmail: {email}\n\n")
    return folder / "people.ldif"


def _write_workbook(folder: Path, rows: int) -> Path:
    import xlsxwriter  # noqa: PLC0415

    with xlsxwriter.Workbook(folder / "people.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for number, person in enumerate(_people(min(rows, WORKBOOK_ROWS_MAX)), 1):
            sheet.write_row(number, 0, person)
    return folder / "people.xlsx"


WRITERS = (_write_csv, _write_windows_csv, _write_json, _write_ldif, _write_workbook)

if __name__ == "__main__":
    main()
