"""Starting and stopping Rollcall as `make run` does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.running import ROOT, environment, free_port, running, until


def started(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return subprocess.run(
        [sys.executable, "-m", "webapp.serve"],
        cwd=ROOT,
        env=environment(folder, free_port(), **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a start that failed as it should."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.strip().splitlines()
    return line


def test_it_answers_and_shows_the_set_up_link_until_there_is_an_owner(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert urllib.request.urlopen(server.address + "/readyz").status == 200
        assert urllib.request.urlopen(server.setup_link).status == 200
        assert server.setup_link.startswith(server.address)


def test_the_environment_makes_the_first_owner_once(tmp_path: Path) -> None:
    owner = {"ROLLCALL_ADMIN_EMAIL": "olga@example.com", "ROLLCALL_ADMIN_PASSWORD": "перекличка в полдень"}
    for _start in range(2):
        with running(tmp_path, **owner) as server:
            assert "/setup" not in server.said
    with create_engine(f"sqlite:///{tmp_path}/rollcall.db").connect() as connection:
        grants = "users JOIN role_grants ON user_id = users.id JOIN roles ON role_id = roles.id"
        roles = f"SELECT email, roles.name FROM {grants}"
        assert connection.execute(text(roles)).all() == [("olga@example.com", "Owner")]


def test_a_weak_password_in_the_environment_is_one_sentence(tmp_path: Path) -> None:
    result = started(tmp_path, ROLLCALL_ADMIN_EMAIL="olga@example.com", ROLLCALL_ADMIN_PASSWORD="short")
    assert "at least 15 characters" in refusal(result)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_all_of_it(tmp_path: Path, number: int) -> None:
    with running(tmp_path) as server:
        group = os.getpgid(server.process.pid)
        assert server.stop(number) == 0
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)
        assert "Traceback" not in server.said


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}: Address already in use" in refusal(started(tmp_path, BIND=f"127.0.0.1:{port}"))


@pytest.mark.parametrize("bind", ["127.0.0.1:http", "127.0.0.1:99999", "256.0.0.1:8000", "8000"])
def test_a_wrong_bind_is_one_sentence(tmp_path: Path, bind: str) -> None:
    assert "it cannot listen on" in refusal(started(tmp_path, BIND=bind))


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "cannot be made" in refusal(started(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/file/rollcall.db"))
    result = started(tmp_path, DATABASE_URL="sqlite:////proc/rollcall.db")
    assert "cannot be" in refusal(result)


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://root@127.0.0.1/x", "postgresql://nobody@127.0.0.1:1/none", "sqlite://"]
)
def test_a_wrong_database_is_one_sentence(tmp_path: Path, url: str) -> None:
    assert "DATABASE_URL" in refusal(started(tmp_path, DATABASE_URL=url))


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "rollcall.db").write_text("this is not a database, it is a text of some length" * 100)
    assert "file is not a database" in refusal(started(tmp_path))


def test_a_database_newer_than_the_code_is_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    engine = create_engine(f"sqlite:///{tmp_path}/rollcall.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '29990101_0000'"))
    assert "made by a newer Rollcall (migration 29990101_0000)" in refusal(started(tmp_path))


def test_production_wants_a_secret_key(tmp_path: Path) -> None:
    assert "SECRET_KEY is required" in refusal(started(tmp_path, APP_ENV="production", SECRET_KEY=""))
    assert "SECRET_KEY has 5 characters" in refusal(started(tmp_path, SECRET_KEY="short"))


def test_log_lines_are_json_in_production_and_carry_the_request_id(tmp_path: Path) -> None:
    with running(tmp_path, APP_ENV="production") as server:
        answer = urllib.request.urlopen(server.address + "/login")
        until(lambda: '"/login"' in server.said, seconds=5, what="the line of the request")
    lines = [json.loads(line) for line in server.said.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["event"] == "request" and line["path"] == "/login"]
    assert (line["status"], line["request_id"]) == (200, answer.headers["X-Request-ID"])


def test_half_an_owner_in_the_environment_is_one_sentence(tmp_path: Path) -> None:
    assert "are set together" in refusal(started(tmp_path, ROLLCALL_ADMIN_EMAIL="olga@example.com"))


def test_a_wrong_setting_is_one_sentence_for_every_command(tmp_path: Path) -> None:
    for command in (["flask", "--app", "wsgi", "users", "list"], ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]):
        result = subprocess.run(
            [Path(sys.executable).parent / command[0], *command[1:]],
            cwd=ROOT,
            env=environment(tmp_path, free_port(), SECRET_KEY="short"),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "SECRET_KEY has 5 characters" in refusal(result)


def test_figures_that_a_killed_server_left_are_removed_and_those_of_others_stay(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, other = tmp_path / f"rollcall-metrics-{ended.pid}-x", tmp_path / f"rollcall-metrics-{os.getpid()}-x"
    left.mkdir()
    other.mkdir()
    with running(tmp_path) as server:
        assert len(list(tmp_path.glob("rollcall-metrics-*"))) == 2
        server.stop()
    assert list(tmp_path.glob("rollcall-metrics-*")) == [other]


def test_the_queue_of_the_sqlite_broker_is_there_before_two_processes_would_make_it(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        engine = create_engine(f"sqlite:///{tmp_path}/broker.db")
        with engine.connect() as connection:
            assert connection.execute(text("SELECT name FROM kombu_queue")).all() == [("rollcall",)]
        engine.dispose()
        assert "Traceback" not in server.said
