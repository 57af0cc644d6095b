"""The commands `flask users note` and `flask users notes`."""

from __future__ import annotations

import json

import pytest

from tests.factories import People
from tests.users.test_commands import run
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_notes_are_added_and_listed(app: App, people: People) -> None:
    people.create(email="anna@example.com")
    assert run(app, "note", "anna@example.com", "Call first", "--json")[0] == 0
    code, out, _err = run(app, "notes", "anna@example.com", "--json")
    assert (code, [note["text"] for note in json.loads(out)]) == (0, ["Call first"])
    assert "Call first" in run(app, "notes", "anna@example.com")[1]
    assert run(app, "note", "anna@example.com", " ")[0] == 1
    assert run(app, "note", "nobody@example.com", "Text")[0] == 1
    assert people.row_counts()["user_notes"] == 1
