"""The command `flask users photo`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.factories import People
from tests.photos.pictures import picture
from tests.users.test_commands import run
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_a_photo_is_set_and_removed(app: App, people: People, tmp_path: Path) -> None:
    people.create(email="anna@example.com")
    file = tmp_path / "photo.jpg"
    file.write_bytes(picture())
    code, out, _err = run(app, "photo", "anna@example.com", str(file), "--json")
    assert (code, len(json.loads(out)["digest"])) == (0, 32)
    assert run(app, "photo", "anna@example.com", "--remove")[0] == 0
    file.write_bytes(b"GIF89a")
    assert run(app, "photo", "anna@example.com", str(file))[0] == 1
    assert run(app, "photo", "anna@example.com")[0] == 2
    assert people.row_counts()["user_photos"] == 1
