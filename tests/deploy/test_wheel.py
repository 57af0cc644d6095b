"""The wheel: what is in it, and that it needs what was tested."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.processes import ROOT
from webapp.version import VERSION

# What a wheel has in `webapp/resources/`.
RESOURCES = (
    "templates",
    "static",
    "migrations",
    "CHANGELOG.md",
    "CHANGELOG.ru.md",
    "gunicorn.conf.py",
    "wsgi.py",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return zipfile.ZipFile(folder / f"rollcall-{VERSION}-py3-none-any.whl")


def test_the_wheel_has_every_file_of_the_checkout_that_runs(wheel: zipfile.ZipFile) -> None:
    places = {"webapp": "webapp"} | {name: f"webapp/resources/{name}" for name in RESOURCES}
    expected = {place + str(file)[len(name) :] for name, place in places.items() for file in tracked(name)}
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == expected
    assert "webapp/translations/ru/LC_MESSAGES/messages.mo" in names


def test_the_wheel_has_the_command_and_the_pinned_libraries(wheel: zipfile.ZipFile) -> None:
    information = f"rollcall-{VERSION}.dist-info"
    assert "rollcall = webapp.cli:main" in wheel.read(f"{information}/entry_points.txt").decode()
    lines = wheel.read(f"{information}/METADATA").decode().splitlines()
    needed = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]
    extra = {line for line in needed if "extra == 'tracing'" in line}
    assert {name_of(line) for line in needed if line not in extra} == pins_of("requirements.txt")
    assert {name_of(line) for line in extra} == pins_of("requirements-tracing.txt")


def test_the_version_stands_in_one_place() -> None:
    assert 'dynamic = ["version"' in (ROOT / "pyproject.toml").read_text()
    assert dotenv_values(ROOT / "deploy/production.env.example")["IMAGE_TAG"] == VERSION


def tracked(name: str) -> list[Path]:
    """Return the files of the checkout under this name, without what programs write there."""
    if (ROOT / name).is_file():
        return [Path(name)]
    found = (path.relative_to(ROOT) for path in (ROOT / name).rglob("*") if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts]


def pins_of(name: str) -> set[str]:
    pins = (line for line in (ROOT / name).read_text().splitlines() if "==" in line)
    return {name_of(line.rstrip(" \\").replace(", ", ",")) for line in pins}


def name_of(requirement: str) -> str:
    """Return a requirement without its conditions."""
    return requirement.partition(";")[0].strip()
