"""The time that a piece of work takes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process, its descendants and its ended children have used.

    On a busy machine it says more than the time on the clock.
    """
    ticks, children = 0, [pid]
    while children:
        folder = Path(f"/proc/{children.pop()}")
        with contextlib.suppress(OSError):
            # The fields after the name, which is in brackets.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
            children += map(int, (folder / "task" / folder.name / "children").read_text().split())
    return ticks / os.sysconf("SC_CLK_TCK")
