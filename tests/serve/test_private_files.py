"""The files of Rollcall can be read only by the account that runs it."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import Server
from webapp.core.private_files import make_sqlite_private
from webapp.settings import load_settings


def test_database_and_broker_are_private_whatever_the_umask(server: Server) -> None:
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in server.folder.glob("*.db*")}
    assert {"rollcall.db", "rollcall.db-wal", "broker.db"} <= files.keys()
    assert set(files.values()) == {0o600}


def test_the_folder_of_the_secret_key_is_private(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir(mode=0o755)
    before = os.umask(0)
    try:
        load_settings({}, root=tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_locks_of_open_connections_survive(tmp_path: Path, journal: str) -> None:
    # POSIX releases all locks of a process on a file when it closes any descriptor of it.
    path = tmp_path / "rollcall.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE held (id)")
    make_sqlite_private(path)
    other = f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
    result = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)
    assert "database is locked" in result.stderr
    connection.execute("COMMIT")
    connection.close()
