"""python -m bench.imports_apply [--rows N] [--updates N] [--engines postgresql,sqlite]

The speed of an import of new people, as a ratio to the floor in the same run (bench/imports_floor.py), and whether its
chunks get slower. Then the speed of updates, and of the undo of both. Memory is its growth during the preview.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.imports_floor import copied_database, seconds_of_floor
from bench.instances import ENGINES, SERVER, Instance, temporary_instance
from bench.timing import seconds_of
from webapp.core.permissions import Actor, ActorKind
from webapp.db.transactions import transaction
from webapp.imports.checks import lock_own
from webapp.imports.files import recognise
from webapp.imports.local import Run, open_run
from webapp.imports.models import Import, Mode, Outcome, State
from webapp.imports.options import Options
from webapp.imports.running import undo_chunk
from webapp.imports.services import start_undo

BY = Actor(ActorKind.COMMAND, "bench")
WANTED = 0.4


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.imports_apply")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--updates", type=int, default=2000, help="rows that change the name of a person")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--preview-only", action="store_true")
    args = parser.parse_args()
    for engine in args.engines.split(","):
        with (
            temporary_instance(engine, args.users, server=args.server) as instance,
            instance.app.app_context(),
            tempfile.TemporaryDirectory() as folder,
        ):
            print(f"\n## {engine}, {args.rows:,} new people beside {args.users:,}\n", flush=True)
            file = Path(folder) / "people.csv"
            if args.preview_only:
                _write(file, args.rows, "Анна Петровна Иванова")
                _import(file, Mode.CREATE, "new people", apply=False)
            else:
                print_import(instance, args, file)


def print_import(instance: Instance, args: argparse.Namespace, file: Path) -> None:
    url = instance.environment["DATABASE_URL"]
    _write(file, args.rows, "Анна Петровна Иванова")
    with copied_database(url, args.server) as copy:
        created, seconds = _import(file, Mode.CREATE, "new people")
        floor = seconds_of_floor(url, copy, created.id)
    print(f"floor: {args.rows / floor:,.0f} rows/s; ratio {floor / seconds:.2f}, wanted {WANTED}", flush=True)
    _write(file, args.updates, "Мария Сергеевна Петрова")
    updated, _seconds = _import(file, Mode.UPDATE, "updates")
    for imported, what in ((updated, "updates"), (created, "new people")):
        undo_seconds = seconds_of(lambda imported=imported: _undo(imported))  # type: ignore[misc]  bound at once
        print(f"undo of {what}: {imported.total / undo_seconds:,.0f} rows/s", flush=True)


def _write(path: Path, rows: int, name: str) -> None:
    with path.open("w") as file:
        file.write("email,name,username\n")
        for number in range(rows):
            file.write(f"import{number}@new.example.com,{name} {number},import{number}\n")


def _import(path: Path, mode: Mode, what: str, *, apply: bool = True) -> tuple[Import, float]:
    """Return the import, and the seconds that applying took."""
    with path.open("rb") as file:
        info = recognise(file, filename=path.name)
        with open_run(file, info, Options(info.mapping, mode), filename=path.name, by=BY) as run:
            _preview(run, what)
            return run.imported, _apply(run, what) if apply else 0.0


def _preview(run: Run, what: str) -> None:
    before = _reset_peak()
    seconds = seconds_of(lambda: run.preview(_never))
    rows = run.imported.total
    print(f"{what}, preview: {rows / seconds:,.0f} rows/s, {_memory('VmHWM') - before:.0f} MB more memory", flush=True)


def _apply(run: Run, what: str) -> float:
    moments: list[float] = []
    seconds = seconds_of(lambda: run.apply(lambda: moments.append(time.perf_counter())))
    tenth = len(moments) // 10
    slower = (moments[-1] - moments[-1 - tenth]) / (moments[tenth] - moments[0]) if tenth else 1.0
    done = run.imported.count(Outcome.CREATED, Outcome.UPDATED)
    if done != run.imported.total:
        raise RuntimeError(run.imported.counts)
    print(f"{what}, apply: {done / seconds:,.0f} rows/s; last tenth ÷ first tenth: {slower:.2f}", flush=True)
    return seconds


def _undo(imported: Import) -> None:
    def step(work: Callable[[Import], object]) -> object:
        with transaction():
            return work(lock_own(imported.id, BY))

    step(lambda locked: start_undo(locked, by=BY))
    while step(lambda locked: locked.state == State.UNDOING and undo_chunk(locked, BY)):
        pass


def _reset_peak() -> float:
    """Reset the peak of memory that the kernel reports. Return the present memory in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> float:
    lines: Iterator[str] = iter(Path("/proc/self/status").read_text().splitlines())
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def _never() -> None:
    """A check for interrupts that never interrupts."""


if __name__ == "__main__":
    main()
