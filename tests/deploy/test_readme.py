"""The commands of the README run as printed, in a fresh clone."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.processes import ROOT, Program, wait_until
from tests.server import free_port


def block(heading: str) -> str:
    """Return the commands of a section of the README."""
    section = (ROOT / "README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tmp_path / "clone")], check=True)
    (tmp_path / "clone/.venv").symlink_to(ROOT / ".venv")
    return tmp_path / "clone"


def test_the_commands_run_in_a_fresh_clone(clone: Path) -> None:
    port = free_port()
    env = {"PATH": os.environ["PATH"], "BIND": f"127.0.0.1:{port}", "HOME": str(clone)}
    migrate, serve = block("Deploy it").splitlines()

    def run(commands: str) -> str:
        # Only the port differs from the README, because tests run beside each other.
        script = "set -e\n" + commands.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        return subprocess.run(
            ["bash", "-c", script], cwd=clone, env=env, check=True, capture_output=True, text=True
        ).stdout

    run(migrate)
    owner = "--email olga@example.com --name Olga --owner --password-stdin"
    run(f"echo correct horse battery staple | .venv/bin/flask --app wsgi users create {owner}")
    server = Program(serve.split(), output=clone / "server.txt", env=env, cwd=clone)
    try:
        wait_until(lambda: "ready" in server.output_text, what="the server is ready", seen=lambda: server.output_text)
        answers = run(block("The API").replace("curl ", "curl -sS "))
    finally:
        server.kill()
    created, found = map(json.loads, answers.splitlines())
    assert [user["id"] for user in found["items"]] == [created["id"]], answers
