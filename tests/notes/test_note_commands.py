"""The commands of `flask users` about notes."""

from __future__ import annotations

import json

import pytest

from tests.clients import Browser
from tests.commands import read
from tests.factories import People
from tests.users.test_commands import run
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
ANNA = "anna@example.com"


def test_notes_are_added_and_listed(app: App, people: People) -> None:
    people.create(email="anna@example.com")
    assert run(app, "note", "anna@example.com", "Call first", "--json")[0] == 0
    code, out, _err = run(app, "notes", "anna@example.com", "--json")
    assert (code, [note["text"] for note in json.loads(out)]) == (0, ["Call first"])
    assert "Call first" in run(app, "notes", "anna@example.com")[1]
    assert run(app, "note", "anna@example.com", " ")[0] == 1
    assert run(app, "note", "nobody@example.com", "Text")[0] == 1
    assert people.row_counts()["user_notes"] == 1


def test_notes_are_changed_by_their_author(app: App, owner: Browser, people: People) -> None:
    anna = people.create(email=ANNA)
    note = read(app, "users", "note", ANNA, "Called")
    assert run(app, "edit-note", ANNA, note["id"], "Called twice", "--as", people.owner().email)[0] == 1
    owner.post(f"/users/{anna.id}/notes", text="Hers")
    hers = read(app, "users", "notes", ANNA)[0]["id"]
    changed = read(app, "users", "edit-note", ANNA, hers, "Hers, changed", "--as", people.owner().email)
    assert changed["text"] == "Hers, changed"
    for note_id in (note["id"], hers):
        assert run(app, "delete-note", ANNA, note_id)[0] == 0
    assert read(app, "users", "notes", ANNA) == []
