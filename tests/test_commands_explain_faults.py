"""A command that cannot go on says why in one sentence and what it did, and its exit code is 1."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask.cli
import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text

from tests.commands import every_command, run
from tests.databases import copy_migrated_sqlite, migrate_in_fork, postgresql_database
from tests.factories import People
from tests.processes import Fork, wait_until
from webapp import create_app
from webapp.db.session import db
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


def app_with(url: str) -> App:
    return create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url}))


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


def test_every_command_explains_its_faults(migrated_app: App) -> None:
    commands = dict(every_command(migrated_app.cli))
    assert {"users list", "db upgrade", "openapi"} <= commands.keys()
    for name, command in commands.items():
        assert hasattr(command.callback, "explains"), name


@pytest.mark.parametrize("arguments", [*COMMANDS, ["db", "upgrade"]], ids=" ".join)
def test_without_a_server_a_command_says_so(arguments: list[str]) -> None:
    code, out, err = run(app_with(NOWHERE), *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("Error: The database of DATABASE_URL cannot be used: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_before_the_migrations_a_command_names_the_command_to_run(tmp_path: Path, arguments: list[str]) -> None:
    code, out, err = run(app_with(f"sqlite:///{tmp_path}/empty.db"), *arguments)
    assert (code, out) == (1, "")
    assert err == "Error: The database is not at the newest migration. Run: flask --app wsgi db upgrade\n"


def test_a_folder_that_is_missing_is_named_as_a_fault_of_the_database(tmp_path: Path) -> None:
    code, _out, err = run(app_with(f"sqlite:///{tmp_path}/missing/rollcall.db"), "users", "list")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "unable to open database file" in err


def test_a_read_only_database_changes_nothing_and_says_so(people: People, app: App, engine: Engine) -> None:
    other = app_with(engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=False))
    with other.app_context():
        event.listen(db.engine, "connect", make_read_only)
    code, out, err = run(other, "users", "create", "--email", "a@example.com", "--name", "A", "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["detail"].startswith("The database refused this: ")
    assert not any(people.row_counts().values())
    with other.app_context():
        db.engine.dispose()


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


def test_output_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    copy_migrated_sqlite(tmp_path / "a.db")
    url = f"sqlite:///{tmp_path}/a.db"
    creating = start(url, tmp_path, "users", "create", "--email", "a@example.com", "--name", "A")
    assert creating.wait() == 0
    for number, arguments in enumerate((["users", "list"], ["users", "list", "--json"], ["audit", "heads"])):
        (tmp_path / str(number)).mkdir()
        command = start(url, tmp_path / str(number), *arguments, output=Path("/dev/full"))
        assert command.wait() == 1
        assert (tmp_path / str(number) / "err").read_text() == (
            "Error: The command has finished, but its output cannot be written: No space left on device.\n"
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    """A migrated database of its own, which a process may break."""
    if request.param == "sqlite":
        copy_migrated_sqlite(tmp_path / "import.db")
        yield f"sqlite:///{tmp_path}/import.db"
        return
    with postgresql_database(f"rollcall_import_{os.getpid()}") as found:
        migrate_in_fork(found, tmp_path)
        yield found


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


def test_ctrl_c_says_how_much_was_imported(url: str, tmp_path: Path) -> None:
    out, err, count = interrupted_import(url, tmp_path, lambda process: process.signal(signal.SIGINT))
    assert out == ""
    assert err == (
        "Error: Stopped by Ctrl-C. Each change was made completely or not at all."
        f" {count} created, 1 refused, {ROWS - count} skipped. To undo it: flask imports undo {undo_id(err)}\n"
    )


def test_ctrl_c_with_json_says_it_in_json(url: str, tmp_path: Path) -> None:
    out, err, count = interrupted_import(url, tmp_path, lambda process: process.signal(signal.SIGINT), "--json")
    assert (json.loads(out)["done"], err) == ({"created": count, "refused": 1, "skipped": ROWS - count}, "")


@pytest.mark.engine("postgresql")
def test_a_connection_that_is_cut_says_how_much_was_imported(tmp_path: Path) -> None:
    def cut(_process: Fork) -> None:
        with engine_of(url).connect() as connection:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))

    with postgresql_database(f"rollcall_import_{os.getpid()}") as url:
        migrate_in_fork(url, tmp_path)
        _out, err, count = interrupted_import(url, tmp_path, cut)
    # psycopg2 itself prints the reason first if the connection is cut during a COPY.
    *_printed, line = err.splitlines()
    assert line.startswith("Error: The database refused this: ")
    # The answer to the last commit may have been lost.
    assert any(f"{number} created, 1 refused" in line for number in (count - 500, count))


def test_ctrl_c_says_that_no_demo_people_were_added(tmp_path: Path) -> None:
    copy_migrated_sqlite(tmp_path / "demo.db")
    written = tmp_path / "demo.db-wal"
    process = start(f"sqlite:///{tmp_path}/demo.db", tmp_path, "demo", "--count", "40000")
    try:
        wait_until(lambda: written.exists() and written.stat().st_size > 2**20, what="people are added")
        process.signal(signal.SIGINT)
        assert process.wait() == 1
    finally:
        process.kill()
    assert (tmp_path / "err").read_text() == (
        "Error: Stopped by Ctrl-C. Each change was made completely or not at all. No one was added.\n"
    )
    with engine_of(f"sqlite:///{tmp_path}/demo.db").connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0


@pytest.mark.engine("postgresql")
def test_a_connection_that_is_cut_says_that_no_demo_people_were_added(tmp_path: Path) -> None:
    with postgresql_database(f"rollcall_demo_{os.getpid()}") as url:
        migrate_in_fork(url, tmp_path)
        engine = engine_of(url)
        copying = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY %'"
        process = start(url, tmp_path, "demo", "--count", "40000")
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
