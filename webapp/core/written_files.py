"""Files that appear when they are complete: written beside their final name, then renamed. Old ones are removed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PARTIAL = ".partial"
# A file is written in less time than this. An older unfinished one was left by a crash.
PARTIAL_SECONDS_MAX = 24 * 60 * 60


@contextmanager
def new_file(path: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Open a file for writing and reading. At the end of the block it gets its name, or is removed."""
    draft = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        _sync_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def remove_old(folder: Path, name: re.Pattern[str], *, keep: int, partial: str) -> list[str]:
    """Remove the files with such a `name` except the last `keep`, and what crashes left. Return the removed names.

    The first group of `name` is the time of a file, which sorts. `partial` is a glob for unfinished files.
    """
    found = [(match[1], match[0]) for path in folder.iterdir() if (match := name.fullmatch(path.name))]
    old = [each for _time, each in sorted(found)[:-keep]]
    for each in old:
        (folder / each).unlink(missing_ok=True)
    for path in folder.glob(f".{partial}{PARTIAL}"):
        if path.stat().st_mtime < time.time() - PARTIAL_SECONDS_MAX:
            path.unlink(missing_ok=True)
    return old


def _sync_folder(folder: Path) -> None:
    """Let the new name survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
