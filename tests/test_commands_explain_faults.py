"""A command that cannot go on says why in one sentence and what it did, and its exit code is 1."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask.cli
import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text

from tests.commands import every_command, run
from tests.databases import copy_migrated_sqlite, postgresql_database
from tests.factories import People
from tests.processes import Fork, wait_until
from webapp import create_app
from webapp.settings import load_settings
from webapp.web.api import App

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
COMMANDS = [
    ["users", "list"],
    ["users", "show", "a@example.com"],
    ["users", "create", "--email", "a@example.com", "--name", "A"],
    ["tokens", "create", "--email", "a@example.com", "--name", "x"],
    ["jobs", "list"],
    ["audit", "heads"],
    ["audit", "verify"],
    ["setup", "link"],
    ["demo"],
]


def app_over(url: str) -> App:
    return create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url}))


@pytest.fixture(scope="module")
def app_without_server() -> App:
    return app_over("postgresql://nobody@127.0.0.1:1/none")


@pytest.fixture(scope="module")
def app_without_tables(tmp_path_factory: pytest.TempPathFactory) -> App:
    return app_over(f"sqlite:///{tmp_path_factory.mktemp('empty')}/empty.db")


def flask_command(*arguments: str) -> None:
    sys.argv = ["flask", "--app", "wsgi", *arguments]
    flask.cli.main()


def start(url: str, folder: Path, *arguments: str, output: Path | None = None) -> Fork:
    env = os.environ | {"APP_ENV": "testing", "DATABASE_URL": url}
    return Fork(flask_command, *arguments, output=output or folder / "out", errors=folder / "err", env=env)


def engine_of(url: str) -> Engine:
    return create_engine(url.replace("postgresql://", "postgresql+psycopg2://"), poolclass=NullPool)


def make_read_only(opened: Any, _record: object) -> None:
    sqlite = isinstance(opened, sqlite3.Connection)
    opened.cursor().execute("PRAGMA query_only=ON" if sqlite else "SET default_transaction_read_only = on")
    opened.commit()


@pytest.fixture
def read_only(engine: Engine) -> Iterator[None]:
    """The app cannot write until the end of the test."""
    event.listen(engine, "connect", make_read_only)
    engine.dispose()
    yield
    event.remove(engine, "connect", make_read_only)
    engine.dispose()


def test_every_command_explains_its_faults(migrated_app: App) -> None:
    commands = dict(every_command(migrated_app.cli))
    assert {"users list", "db upgrade", "openapi"} <= commands.keys()
    for name, command in commands.items():
        assert hasattr(command.callback, "explains"), name


@pytest.mark.parametrize("arguments", [*COMMANDS, ["db", "upgrade"]], ids=" ".join)
def test_without_a_server_a_command_says_so(app_without_server: App, arguments: list[str]) -> None:
    code, out, err = run(app_without_server, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("Error: The database of DATABASE_URL cannot be used: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_before_the_migrations_a_command_names_the_command_to_run(
    app_without_tables: App, arguments: list[str]
) -> None:
    code, out, err = run(app_without_tables, *arguments)
    assert (code, out) == (1, "")
    assert err == "Error: The database is not at the newest migration. Run: flask --app wsgi db upgrade\n"


def test_a_folder_that_is_missing_is_named_as_a_fault_of_the_database(tmp_path: Path) -> None:
    code, _out, err = run(app_over(f"sqlite:///{tmp_path}/missing/rollcall.db"), "users", "list")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "unable to open database file" in err


def test_a_read_only_database_changes_nothing_and_says_so(app: App, people: People, read_only: None) -> None:
    code, out, err = run(app, "users", "create", "--email", "a@example.com", "--name", "A", "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["detail"].startswith("The database refused this: ")
    assert not any(people.row_counts().values())


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["users", "show", "nobody@example.com", "--json"], ""),
        (["users", "create", "--email", "nope", "--name", "X", "--json"], "email"),
        (["users", "list", "--q", "status:nope", "--json"], "q"),
        (["tokens", "create", "--email", "nobody", "--name", "x", "--json"], ""),
        (["jobs", "show", "01a20c33-7cd6-70ee-b0a1-652ec903b536", "--json"], ""),
        (["jobs", "run", "nonsense", "--json"], ""),
    ],
)
def test_a_refusal_with_json_is_json(app: App, people: People, arguments: list[str], field: str) -> None:
    before = people.row_counts()
    code, out, err = run(app, *arguments)
    refusal = json.loads(out)
    assert (code, err, set(refusal)) == (1, "", {"detail", "errors"})
    assert [error["field"] for error in refusal["errors"]] == [field] * bool(field)
    assert people.row_counts() == before


def test_output_that_cannot_be_written_is_an_error(sqlite_url: str, tmp_path: Path) -> None:
    creating = start(sqlite_url, tmp_path, "users", "create", "--email", "a@example.com", "--name", "A")
    assert creating.wait() == 0
    for number, arguments in enumerate((["users", "list"], ["users", "list", "--json"], ["audit", "heads"])):
        (tmp_path / str(number)).mkdir()
        command = start(sqlite_url, tmp_path / str(number), *arguments, output=Path("/dev/full"))
        assert command.wait() == 1
        assert (tmp_path / str(number) / "err").read_text() == (
            "Error: The command has finished, but its output cannot be written: No space left on device.\n"
        )


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database that a process may break."""
    copy_migrated_sqlite(tmp_path / "import.db")
    return f"sqlite:///{tmp_path}/import.db"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """A database whose connections a test may cut."""
    with postgresql_database(f"rollcall_import_{os.getpid()}", migrated=True) as url:
        yield url


# Eight chunks. A chunk takes a third of a second.
ROWS = 4000


def interrupted_import(
    url: str, folder: Path, interrupt: Callable[[Fork], None], *options: str
) -> tuple[str, str, int]:
    """Start a long import and interrupt it. Return its output, its errors and the number of users then."""
    lines = [f"Person {number},p{number}@example.com" for number in range(ROWS)]
    (folder / "people.csv").write_text("\n".join(["name,email", "No address,", *lines]))
    engine = engine_of(url)

    def count() -> int:
        with engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM users")) or 0

    process = start(url, folder, "users", "import", str(folder / "people.csv"), *options)
    try:
        wait_until(lambda: count() > 5 or not process.is_running, what="rows are imported", seen=lambda: process.output)
        interrupt(process)
        assert process.wait() == 1
        return process.output_text, (folder / "err").read_text(), count()
    finally:
        process.kill()
        engine.dispose()


def undo_id(err: str) -> str:
    return err.strip().rpartition(" ")[2]


@pytest.mark.parametrize("engine_url", ["sqlite_url", "postgresql_url"])
def test_ctrl_c_says_how_much_was_imported(request: pytest.FixtureRequest, tmp_path: Path, engine_url: str) -> None:
    url = request.getfixturevalue(engine_url)
    out, err, count = interrupted_import(url, tmp_path, lambda process: process.signal(signal.SIGINT))
    assert out == ""
    assert err == (
        "Error: Stopped by Ctrl-C. Each change was made completely or not at all."
        f" {count} created, 1 refused, {ROWS - count} skipped. To undo it: flask imports undo {undo_id(err)}\n"
    )


def test_ctrl_c_with_json_says_it_in_json(sqlite_url: str, tmp_path: Path) -> None:
    out, err, count = interrupted_import(sqlite_url, tmp_path, lambda process: process.signal(signal.SIGINT), "--json")
    assert (json.loads(out)["done"], err) == ({"created": count, "refused": 1, "skipped": ROWS - count}, "")


def test_a_connection_that_is_cut_says_how_much_was_imported(postgresql_url: str, tmp_path: Path) -> None:
    def cut(_process: Fork) -> None:
        with engine_of(postgresql_url).connect() as connection:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))

    _out, err, count = interrupted_import(postgresql_url, tmp_path, cut)
    # psycopg2 itself prints the reason first if the connection is cut during a COPY.
    *_printed, line = err.splitlines()
    assert line.startswith("Error: The database refused this: ")
    # The answer to the last commit may have been lost.
    assert any(f"{number} created, 1 refused" in line for number in (count - 500, count))


def test_ctrl_c_says_that_no_demo_people_were_added(sqlite_url: str, tmp_path: Path) -> None:
    written = tmp_path / "import.db-wal"
    process = start(sqlite_url, tmp_path, "demo", "--count", "40000")
    try:
        wait_until(lambda: written.exists() and written.stat().st_size > 2**20, what="people are added")
        process.signal(signal.SIGINT)
        assert process.wait() == 1
    finally:
        process.kill()
    assert (tmp_path / "err").read_text() == (
        "Error: Stopped by Ctrl-C. Each change was made completely or not at all. No one was added.\n"
    )
    with engine_of(sqlite_url).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0


def test_a_connection_that_is_cut_says_that_no_demo_people_were_added(postgresql_url: str, tmp_path: Path) -> None:
    engine = engine_of(postgresql_url)
    copying = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY %'"
    process = start(postgresql_url, tmp_path, "demo", "--count", "40000")
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            wait_until(lambda: connection.scalar(text(copying)), what="people are added")
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({copying}) AS found"))
        assert process.wait() == 1
    finally:
        process.kill()
        engine.dispose()
    # psycopg2 prints a message of its own before it.
    error = (tmp_path / "err").read_text().splitlines()[-1]
    assert error.startswith("Error: The database refused this: ")
    assert error.endswith(" No one was added.")
