"""Start and stop Rollcall as `make run` does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from tests.databases import copy_migrated_sqlite
from tests.processes import Fork
from tests.serve.conftest import OWNER
from tests.server import Server, environment, free_port, running_server
from tests.test_commands_explain_faults import flask_command
from webapp import create_app
from webapp.db.session import db
from webapp.serve import announce, main, serve_pages
from webapp.settings import load_settings


def failed_start(folder: Path, function: Callable[..., object] = main, *arguments: str, **settings: str) -> str:
    """Start Rollcall, or call another function, with settings that are wrong. Return the error message."""
    errors = folder / f"errors-{uuid4()}.txt"
    env = environment(folder, free_port(), **settings)
    process = Fork(function, *arguments, output=folder / "output.txt", errors=errors, env=env)
    return refusal(process.wait(), errors.read_text())


def migrated(folder: Path) -> Path:
    """Put a migrated database into the folder. Return the folder."""
    copy_migrated_sqlite(folder / "rollcall.db")
    return folder


def refusal(exit_code: object, errors: str) -> str:
    assert exit_code == 1, errors
    assert "Traceback" not in errors
    (line,) = errors.strip().splitlines()
    return line


def test_it_answers_requests_and_prints_the_set_up_link(tmp_path: Path) -> None:
    with running_server(tmp_path, by_command=True, migrated=False) as server:
        assert urllib.request.urlopen(server.address + "/readyz").status == 200
        assert urllib.request.urlopen(server.setup_link).status == 200
        assert server.setup_link.startswith(server.address)


def test_the_environment_creates_the_first_owner_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings(environment(migrated(tmp_path), free_port(), **OWNER))
    app = create_app(settings)
    for _start in range(2):
        announce(app, settings)
        assert "/setup" not in capsys.readouterr().out
    with app.app_context():
        grants = "users JOIN role_grants ON user_id = users.id JOIN roles ON role_id = roles.id"
        roles = db.session.execute(text(f"SELECT email, roles.name FROM {grants}")).all()
        db.engine.dispose()
    assert roles == [(OWNER["ROLLCALL_ADMIN_EMAIL"], "Owner")]


def test_a_weak_password_in_the_environment_is_one_error_message(tmp_path: Path) -> None:
    weak = OWNER | {"ROLLCALL_ADMIN_PASSWORD": "short"}
    assert "at least 15 characters" in failed_start(migrated(tmp_path), **weak)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_processes_and_removes_their_metrics(tmp_path: Path, number: int) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    of_killed, of_other = (tmp_path / f"rollcall-metrics-{pid}-x" for pid in (ended.pid, os.getpid()))
    of_killed.mkdir()
    of_other.mkdir()
    with running_server(tmp_path, WEB_CONCURRENCY="2") as server:
        assert not of_killed.exists()
        assert len(list(tmp_path.glob("rollcall-metrics-*"))) == 2
        assert server.stop(number) == 0
        assert server.process.family() == []
        assert "Traceback" not in server.output_text
    assert list(tmp_path.glob("rollcall-metrics-*")) == [of_other]


def test_a_port_in_use_is_one_error_message(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}: Address already in use" in failed_start(tmp_path, BIND=f"127.0.0.1:{port}")


@pytest.mark.parametrize("bind", ["127.0.0.1:http", "127.0.0.1:99999", "256.0.0.1:8000", "8000"])
def test_a_wrong_bind_is_one_error_message(tmp_path: Path, bind: str) -> None:
    assert "it cannot listen on" in failed_start(tmp_path, BIND=bind)


def test_a_folder_that_cannot_be_written_is_one_error_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "cannot be made" in failed_start(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/file/rollcall.db")
    assert "cannot be" in failed_start(tmp_path, DATABASE_URL="sqlite:////proc/rollcall.db")


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://root@127.0.0.1/x", "postgresql://nobody@127.0.0.1:1/none", "sqlite://"]
)
def test_a_wrong_database_is_one_error_message(tmp_path: Path, url: str) -> None:
    assert "DATABASE_URL" in failed_start(tmp_path, DATABASE_URL=url)


def test_a_file_that_is_no_database_is_one_error_message(tmp_path: Path) -> None:
    (tmp_path / "rollcall.db").write_text("this is not a database, it is a text of some length" * 100)
    assert "file is not a database" in failed_start(tmp_path)


def test_a_database_newer_than_the_code_is_one_error_message(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated(tmp_path)}/rollcall.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '29990101_0000'"))
    assert "made by a newer Rollcall (migration 29990101_0000)" in failed_start(tmp_path)


def test_production_requires_a_secret_key(tmp_path: Path) -> None:
    assert "SECRET_KEY is required" in failed_start(tmp_path, APP_ENV="production", SECRET_KEY="")
    assert "SECRET_KEY has 5 characters" in failed_start(tmp_path, SECRET_KEY="short")


def test_half_an_owner_in_the_environment_is_one_error_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(environment(migrated(tmp_path), free_port(), ROLLCALL_ADMIN_EMAIL="olga@example.com"))
    with pytest.raises(SystemExit) as end:
        announce(create_app(settings), settings)
    assert "are set together" in refusal(end.value.code, capsys.readouterr().err)


@pytest.mark.parametrize(("function", "arguments"), [(flask_command, ["users", "list"]), (serve_pages, [])])
def test_a_wrong_setting_is_one_error_message_for_every_command(
    tmp_path: Path, function: Callable[..., object], arguments: list[str]
) -> None:
    assert "SECRET_KEY has 5 characters" in failed_start(tmp_path, function, *arguments, SECRET_KEY="short")


def test_the_queue_of_the_sqlite_broker_is_created_before_the_fork(server: Server) -> None:
    engine = create_engine(f"sqlite:///{server.folder}/broker.db")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM kombu_queue")).all() == [("rollcall",)]
    engine.dispose()
    assert "Traceback" not in server.output_text
