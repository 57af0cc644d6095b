"""Backup files: their names, new ones, and which of them are removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from webapp.core import written_files
from webapp.core.errors import Refused

_SCHEDULED = re.compile(r"rollcall-(\d{8}T\d{6}Z)\.backup")


def scheduled_name(moment: datetime) -> str:
    return f"rollcall-{moment:%Y%m%dT%H%M%SZ}.backup"


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a private file for writing and reading. At the end of the block it gets its name, or is removed.

    Raise Refused if `path` exists: a backup never replaces another one.
    """
    if path.exists():
        raise Refused(f"{path} exists. A backup does not replace a file: choose another name.")
    with written_files.new_file(path) as file:
        yield file


def remove_old(folder: Path, *, keep: int) -> list[str]:
    """Remove scheduled backups except the newest `keep`, and what crashes left. Return the removed names."""
    return written_files.remove_old(folder, _SCHEDULED, keep=keep, partial="rollcall-*")
