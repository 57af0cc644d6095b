"""Backup files: written beside their final name and renamed when they are complete; old ones are removed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from webapp.core.errors import Refused

PARTIAL = ".partial"
_SCHEDULED = re.compile(r"rollcall-\d{8}T\d{6}Z\.backup")
# Scheduled backups take less time than this. An older unfinished file was left by a crash.
PARTIAL_SECONDS_MAX = 24 * 60 * 60


def scheduled_name(moment: datetime) -> str:
    return f"rollcall-{moment:%Y%m%dT%H%M%SZ}.backup"


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a private file for writing and reading. At the end of the block it gets its name, or is removed.

    Raise Refused if `path` exists: a backup never replaces another one.
    """
    if path.exists():
        raise Refused(f"{path} exists. A backup does not replace a file: choose another name.")
    draft = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        _sync_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def remove_old(folder: Path, *, keep: int) -> list[str]:
    """Remove scheduled backups except the newest `keep`, and what crashes left. Return the removed names."""
    # The names sort by time.
    names = sorted(path.name for path in folder.iterdir() if _SCHEDULED.fullmatch(path.name))
    old = names[:-keep]
    for name in old:
        (folder / name).unlink(missing_ok=True)
    for path in folder.glob(f".rollcall-*{PARTIAL}"):
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
