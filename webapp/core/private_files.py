"""Files with personal data or secrets: only the account that runs Rollcall can read them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

# SQLite gives the files beside a database the mode of the database, but only when it creates them.
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")


def make_private(path: Path) -> None:
    """Create the file with mode 600, or remove the permissions of others. Leave files of other accounts as they are.

    An existing file is never opened: closing it would release the locks of SQLite connections of this process on it
    (https://sqlite.org/howtocorrupt.html#posix_close_bug).
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with contextlib.suppress(OSError):
        path.chmod(0o600)


def make_sqlite_private(path: Path) -> None:
    """Do this for a SQLite database and the files beside it."""
    make_private(path)
    for suffix in SQLITE_SUFFIXES[1:]:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            make_private(beside)
