"""The files of Rollcall can be read only by the account that runs it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tests.server import running_server
from webapp.settings import load_settings


def test_database_and_broker_are_private_whatever_the_umask(tmp_path: Path) -> None:
    (tmp_path / "rollcall.db").touch()
    (tmp_path / "rollcall.db").chmod(0o666)
    with running_server(tmp_path, migrated=False):
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.db*")}
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
