"""The Dockerfile, whose steps are executed here without a Docker engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.deploy.servers import compose, listening, production_environment, send_request
from tests.processes import ROOT, Program
from tests.server import free_port

STAGES = (ROOT / "Dockerfile").read_text().replace("\\\n", "").split("\nFROM ")[1:]
FINAL = STAGES[-1].splitlines()


def test_the_image_has_all_files_to_migrate_and_to_serve(tmp_path: Path):
    app, port = image_folder(tmp_path / "app"), free_port()
    env = production_environment(port, tmp_path / "rollcall.db") | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    }
    migrate = compose()["services"]["migrate"]["command"]
    subprocess.run(migrate, cwd=app, env=env, check=True, capture_output=True, timeout=300)
    server = Program(json.loads(last_instruction("CMD")), output=tmp_path / "output.log", cwd=app, env=env)
    with listening(server, port):
        assert [send_request(port, "GET", path).status for path in ("/readyz", "/login", "/static/css/base.css")] == [
            200
        ] * 3
        assert health_check(port, env) == 0
    assert health_check(port, env) != 0


def test_the_build_context_has_only_the_copied_files():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert [line for line in ignored if line and not line.startswith(("#", "!", "**/"))] == ["*"]
    assert {line[1:] for line in ignored if line.startswith("!")} == {
        *copied_sources(),
        "requirements.txt",
        "requirements-tracing.txt",
    }


def test_the_image_runs_as_an_unprivileged_user():
    assert last_instruction("USER") == "10001:10001"
    assert last_instruction("STOPSIGNAL") == "SIGTERM"
    assert "APP_ENV=production" in last_instruction("ENV")
    assert "BIND=0.0.0.0:8000" in last_instruction("ENV")


def test_only_wheels_with_a_pinned_hash_are_installed():
    needed = "-r requirements.txt -r requirements-tracing.txt"
    assert f"pip install --require-hashes --no-deps --only-binary :all: {needed}" in STAGES[0]
    assert "apt-get" not in "".join(STAGES)


def last_instruction(instruction: str) -> str:
    """Return the arguments of the last `instruction` of the final stage."""
    return [line.partition(" ")[2] for line in FINAL if line.startswith(f"{instruction} ")][-1]


def copied_sources() -> list[str]:
    """Return the files and folders that are copied from the checkout into the image."""
    lines = [line.split()[1:] for line in FINAL if line.startswith("COPY ") and "--from" not in line]
    return [source for *sources, _place in lines for source in sources]


def image_folder(app: Path) -> Path:
    """Create a copy of /app of the image."""
    app.mkdir()
    for name in copied_sources():
        if (ROOT / name).is_dir():
            # With the compiled files, so that the processes start in half of the time.
            shutil.copytree(ROOT / name, app / name)
        else:
            shutil.copy(ROOT / name, app)
    return app


def health_check(port: int, env: dict[str, str]) -> int:
    """Run the health check of the image. Return its exit code."""
    command = json.loads(last_instruction("HEALTHCHECK").partition("CMD ")[2].replace(":8000/", f":{port}/"))
    return subprocess.run(command, env=env, capture_output=True, timeout=300, check=False).returncode
