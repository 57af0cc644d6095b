"""`make dev`: it serves pages, runs jobs and shows changes of the code."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.databases import copy_migrated_sqlite
from tests.processes import ROOT, Program, wait_until
from tests.server import environment, free_port

SAVED_AGAIN = 2
SOURCES = ("webapp", "templates", "static", "migrations")


class DevelopmentServer:
    def __init__(self, code: Path, folder: Path) -> None:
        port = free_port()
        self.code = code
        self.address = f"http://127.0.0.1:{port}"
        env = environment(folder, port, PYTHONPATH=str(code))
        command = [sys.executable, "-m", "webapp.develop"]
        self.process = Program(command, output=folder / "output.txt", env=env, cwd=code)
        self.saved: Path | None = None
        self.saved_at = 0.0
        self.servers_before: set[int] = set()

    def page(self) -> str:
        """Return the sign-in page in Russian, or an empty text if the server does not answer."""
        with (
            contextlib.suppress(OSError, HTTPException),
            urllib.request.urlopen(self.address + "/login?lang=ru") as response,
        ):
            return str(response.read().decode())
        return ""

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.page() or self.save_again(), what=text, seen=lambda: self.process.output_text)

    def save_again(self) -> bool:
        """Save the changed file again until a server starts. Return False.

        At its first look, the reloader takes a file as unchanged.
        """
        waited = time.monotonic() - self.saved_at > SAVED_AGAIN
        if self.saved and waited and self.servers() == self.servers_before:
            self.saved.touch()
            self.saved_at = time.monotonic()
        return False

    def commands(self) -> dict[int, str]:
        """Return the command lines of its processes."""
        return {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in self.process.family()}

    def servers(self) -> set[int]:
        """Return the process that looks for changes and the one that serves pages."""
        return {pid for pid, command in self.commands().items() if "webapp.develop" in command}

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.code / file
        source = path.read_text()
        assert old in source
        self.servers_before = self.servers()
        path.write_text(source.replace(old, new))
        self.saved, self.saved_at = path, time.monotonic()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentServer]:
    """`make dev` over a copy of the code."""
    folder = tmp_path_factory.mktemp("develop")
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / "code" / name)
    copy_migrated_sqlite(folder / "rollcall.db")
    server = DevelopmentServer(folder / "code", folder)
    try:
        server.wait_for("Войти")
        yield server
    finally:
        server.process.kill()


def workers(server: DevelopmentServer) -> list[int]:
    commands = server.commands()
    return [pid for pid, command in commands.items() if "webapp.worker" in command]


def test_it_shows_the_set_up_link_and_runs_one_worker(server: DevelopmentServer) -> None:
    assert "/setup?token=" in server.process.output_text
    assert len(workers(server)) == 1


def test_a_changed_template_shows_at_the_next_request(server: DevelopmentServer) -> None:
    server.replace("templates/signin/new.html", "<h1>", '<h1 class="changed">')
    server.wait_for('<h1 class="changed">')


def test_a_changed_translation_shows_after_a_restart_with_one_new_worker(server: DevelopmentServer) -> None:
    before = workers(server)
    server.replace("webapp/translations/ru/LC_MESSAGES/messages.po", 'msgstr "Войти"', 'msgstr "Проходная"')
    server.wait_for("Проходная")
    wait_until(lambda: len(workers(server)) == 1 and workers(server) != before, what="the new worker is alone")


def test_a_syntax_error_waits_for_its_correction(server: DevelopmentServer) -> None:
    server.replace("webapp/signin/forms.py", '_("Password")', '_("Password"')
    wait_until(
        lambda: (not server.page() and '" 500 -' in server.process.output_text) or server.save_again(),
        what="pages fail",
        seen=lambda: server.process.output_text,
    )
    assert "SyntaxError" in server.process.output_text
    server.replace("webapp/signin/forms.py", '_("Password"', '_("Watchword")')
    server.wait_for("Watchword")


def test_ctrl_c_stops_all_processes(server: DevelopmentServer) -> None:
    os.killpg(server.process.pid, signal.SIGINT)
    wait_until(
        lambda: not server.process.family(),
        what="all processes end",
        seen=lambda: (server.commands(), server.process.output_text),
    )
