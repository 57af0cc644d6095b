"""The commands of the README run as printed, in a fresh clone."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import ROOT, Program, wait_until
from tests.server import free_port

PORT = 8000


@dataclass(frozen=True)
class Clone:
    """A fresh clone with the installed libraries, and the port of its server."""

    folder: Path
    port: int

    @property
    def env(self) -> dict[str, str]:
        """Return an environment without settings, unless the port of the README is taken."""
        bind = {} if self.port == PORT else {"BIND": f"127.0.0.1:{self.port}"}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **bind}

    def commands(self, heading: str) -> list[str]:
        """Return the blocks of commands of a section of the README, as printed unless its port is taken."""
        section = (ROOT / "README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
        section = section.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{self.port}")
        return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)

    def run(self, commands: str) -> str:
        """Run commands. Return what they print."""
        script = ["bash", "-ec", commands]
        return subprocess.run(
            script, cwd=self.folder, env=self.env, check=True, capture_output=True, text=True, timeout=300
        ).stdout

    @contextmanager
    def running(self, command: str, *, until: str) -> Iterator[Program]:
        """Run a command during the block, which starts when the command has printed `until`."""
        output = self.folder / "server.txt"
        output.unlink(missing_ok=True)
        server = Program(["bash", "-c", command], output=output, env=self.env, cwd=self.folder)
        try:
            wait_until(
                lambda: until in server.output_text or not server.is_running,
                what=f"{command} prints {until!r}",
                seen=lambda: server.output_text,
            )
            assert server.is_running, server.output_text
            yield server
        finally:
            server.kill()


@pytest.fixture
def port(record_property: Callable[[str, object], None]) -> Iterator[int]:
    """The port of the README, or a free one if another program or another test uses it."""
    with socket.socket(socket.AF_UNIX) as lock, socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            # A name that only one process of this machine can have at a time, so that two tests do not choose the port.
            lock.bind(f"\0rollcall-test-of-port-{PORT}")
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            record_property("other_port_because", f"Port {PORT} is taken on this machine.")
            yield free_port()
            return
        probe.close()
        yield PORT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    # The libraries of this machine. The stamp of the Makefile says that they are installed.
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(ROOT / ".venv" / name)
    (folder / ".venv/run").touch()
    return folder


@pytest.fixture
def clone(folder: Path, port: int) -> Clone:
    """The clone of all tests, without the data of earlier ones."""
    shutil.rmtree(folder / "instance", ignore_errors=True)
    return Clone(folder, port)


def test_the_first_command_shows_the_link_that_creates_the_owner(clone: Clone) -> None:
    start = clone.commands("Start it")[0]
    with clone.running(start, until="ready") as server:
        link = re.search(rf"http://127\.0\.0\.1:{clone.port}/setup\?token=\S+", server.output_text)
        assert link, server.output_text
        assert 'name="password"' in urllib.request.urlopen(link[0]).read().decode()


def test_the_commands_of_a_deployment_and_of_the_api_run(clone: Clone) -> None:
    migrate, serve = clone.commands("Deploy it")[0].splitlines()
    clone.run(migrate)
    owner = "--email olga@example.com --name Olga --owner --password-stdin"
    clone.run(f"echo correct horse battery staple | .venv/bin/flask --app wsgi users create {owner}")
    with clone.running(serve, until="ready"):
        answers = clone.run("\n".join(clone.commands("The API")))
    created, found = map(json.loads, answers.splitlines())
    assert [user["id"] for user in found["items"]] == [created["id"]], answers
