"""The Dockerfile, read and acted out: no Docker engine is needed, and none takes part."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.deploy.servers import ask, compose, listening, production
from tests.processes import ROOT, Program
from tests.server import free_port

STAGES = (ROOT / "Dockerfile").read_text().replace("\\\n", "").split("\nFROM ")[1:]
FINAL = STAGES[-1].splitlines()


def test_what_the_image_copies_is_enough_to_migrate_and_to_serve(tmp_path: Path):
    app, port = image_folder(tmp_path / "app"), free_port()
    env = production(port, tmp_path / "rollcall.db") | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    migrate = compose()["services"]["migrate"]["command"]
    subprocess.run(migrate, cwd=app, env=env, check=True, capture_output=True, timeout=60)
    server = Program(json.loads(last("CMD")), output=tmp_path / "output.log", cwd=app, env=env)
    with listening(server, port):
        assert [ask(port, "GET", path).status for path in ("/readyz", "/login", "/static/css/base.css")] == [200] * 3
        assert health_check(port, env) == 0
    assert health_check(port, env) != 0


def test_the_builder_is_given_what_the_dockerfile_copies_and_nothing_else():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert [line for line in ignored if line and not line.startswith(("#", "!", "**/"))] == ["*"]
    assert {line[1:] for line in ignored if line.startswith("!")} == {*copied(), "requirements.txt"}


def test_the_image_runs_as_a_fixed_person_without_rights():
    assert last("USER") == "10001:10001"
    assert last("STOPSIGNAL") == "SIGTERM"
    assert "APP_ENV=production" in last("ENV")
    assert "BIND=0.0.0.0:8000" in last("ENV")


def test_only_wheels_with_a_pinned_hash_are_installed():
    assert "pip install --require-hashes --no-deps --only-binary :all: -r requirements.txt" in STAGES[0]
    assert "apt-get" not in "".join(STAGES)


def last(instruction: str) -> str:
    """What the last `instruction` of the final stage says."""
    return [line.partition(" ")[2] for line in FINAL if line.startswith(f"{instruction} ")][-1]


def copied() -> list[str]:
    """What comes out of the checkout into the image."""
    lines = [line.split()[1:] for line in FINAL if line.startswith("COPY ") and "--from" not in line]
    return [source for *sources, _place in lines for source in sources]


def image_folder(app: Path) -> Path:
    """/app of the image."""
    app.mkdir()
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, app / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, app)
    return app


def health_check(port: int, env: dict[str, str]) -> int:
    """What the image's health check returns."""
    command = json.loads(last("HEALTHCHECK").partition("CMD ")[2].replace(":8000/", f":{port}/"))
    return subprocess.run(command, env=env, capture_output=True, timeout=60, check=False).returncode
