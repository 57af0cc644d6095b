"""Locks by name for SQLite, whose transactions wait for each other whatever they change."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from webapp.db.session import db

RETRY_SECONDS = 0.02


@contextmanager
def file_lock(name: str, *, seconds: float) -> Iterator[None]:
    """Hold the lock `name` against all threads and processes that use this database. A crash releases it.

    Raise TimeoutError if another one holds it for `seconds`. On PostgreSQL this does nothing: unique indexes wait.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    folder = Path(f"{db.engine.url.database}-locks")
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / sha256(name.encode()).hexdigest()
    file = _locked_file(path, time.monotonic() + seconds)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def _locked_file(path: Path, deadline: float) -> int:
    """Return the descriptor of the file, which is locked until it is closed."""
    while True:
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The last holder may have deleted the file after it was opened here. Others would lock a new one.
            if path.exists() and os.fstat(file).st_ino == path.stat().st_ino:
                return file
        except FileNotFoundError:
            pass
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(file)
                raise TimeoutError from None
            time.sleep(RETRY_SECONDS)
        except BaseException:
            os.close(file)
            raise
        os.close(file)
