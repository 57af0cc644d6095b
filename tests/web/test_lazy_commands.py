"""A command imports what it needs. All commands are in the table, and the packages are registered when needed."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

import webapp
from tests.commands import every_command
from tests.databases import copy_migrated_sqlite
from tests.processes import ROOT
from webapp import create_command_app
from webapp.backups.contents import tables_of
from webapp.backups.verification import read_summary
from webapp.db.session import db
from webapp.jobs.kinds import JobKinds
from webapp.settings import Settings, load_settings
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

# What only servers and changes need.
UNUSED = ("alembic", "wtforms", "flask_babel", "prometheus_client", "webapp.packages", "webapp.users.pages")
# Run commands. Print after each of them what it should not have imported.
PROGRAM = f"""
import sys
from flask.cli import main
for words in sys.argv[1:]:
    sys.argv = ["flask", "--app", "wsgi", *words.split()]
    try:
        main()
    except SystemExit as end:
        unused = [name for name in {UNUSED} if name in sys.modules]
        print(words, end.code, unused, file=sys.stderr)
"""


def settings_of(file: Path) -> Settings:
    copy_migrated_sqlite(file)
    return load_settings({"APP_ENV": "testing", "DATABASE_URL": f"sqlite:///{file}"})


def defined_commands() -> set[int]:
    found: set[int] = set()
    for module in pkgutil.walk_packages(webapp.__path__, "webapp."):
        if module.name.endswith(("commands", "command", "completion")):
            for each in vars(import_module(module.name)).values():
                if isinstance(each, click.Group):
                    found |= {id(command) for command in each.commands.values()}
                elif isinstance(each, click.Command):
                    found.add(id(each))
    return found


def test_every_command_that_a_package_defines_is_in_the_table(migrated_app: App) -> None:
    known = {id(command) for _name, command in every_command(migrated_app.cli)}
    assert defined_commands() <= known


def test_a_command_has_the_name_that_the_table_gives_it(migrated_app: App) -> None:
    for name, command in every_command(migrated_app.cli):
        assert name.rpartition(" ")[2] == command.name


def flask(file: Path, *commands: str) -> list[str]:
    """Run commands in a new process. Return a line for each of them."""
    environment = os.environ | {"APP_ENV": "testing", "DATABASE_URL": f"sqlite:///{file}"}
    program = [sys.executable, "-c", PROGRAM, *commands]
    return subprocess.run(
        program, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stderr.splitlines()


def test_a_command_that_reads_does_not_import_pages_and_changes(tmp_path: Path) -> None:
    copy_migrated_sqlite(tmp_path / "a.db")
    commands = ["users list", "jobs list", "audit heads"]
    assert flask(tmp_path / "a.db", *commands) == [f"{words} 0 []" for words in commands]


def test_a_backup_by_a_command_has_the_tables_of_all_packages(tmp_path: Path, migrated_app: App) -> None:
    copy_migrated_sqlite(tmp_path / "a.db")
    flask(tmp_path / "a.db", f"backup create {tmp_path}/a.backup")
    with (tmp_path / "a.backup").open("rb") as file:
        assert read_summary(file, "").header.tables == tables_of(db.metadata)


def test_a_command_of_flask_has_the_whole_app(tmp_path: Path) -> None:
    (line,) = flask(tmp_path / "a.db", "routes")
    assert "webapp.packages" in line


def test_a_command_of_a_library_has_the_whole_app(tmp_path: Path, migrated_app: App) -> None:
    app = create_command_app(settings_of(tmp_path / "a.db"))
    assert app.test_cli_runner().invoke(args=["openapi"]).exit_code == 0
    assert app.blueprints.keys() == migrated_app.blueprints.keys()


def test_a_change_registers_all_packages(tmp_path: Path, migrated_app: App) -> None:
    app = create_command_app(settings_of(tmp_path / "a.db"))
    assert not app.blueprints
    arguments = ["users", "create", "--email", "a@example.com", "--name", "A"]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    assert app.blueprints.keys() == migrated_app.blueprints.keys()


def test_a_missing_part_registers_all_packages(tmp_path: Path, migrated_app: App) -> None:
    app = create_command_app(settings_of(tmp_path / "a.db"))
    assert migrated_app.registry.get(JobKinds).keys() >= app.registry.get(JobKinds).keys()
    assert "directory.words" in app.registry.get(JobKinds)


def test_the_help_of_a_command_app_is_that_of_the_whole_app(tmp_path: Path, migrated_app: App) -> None:
    app = create_command_app(settings_of(tmp_path / "a.db"))
    for arguments in (["--help"], ["users", "--help"], ["users"], ["users", "list", "--help"]):
        printed = [each.test_cli_runner().invoke(args=arguments).output for each in (app, migrated_app)]
        assert printed[0] == printed[1]
    assert "db " in app.test_cli_runner().invoke(args=["--help"]).output
