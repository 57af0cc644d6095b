"""Commands about the changes of a user."""

from __future__ import annotations

import pytest

from tests.commands import read, run
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
ANNA = "anna@example.com"


def test_changes_are_listed_shown_and_undone(app: App, people: People) -> None:
    anna = people.create(email=ANNA, name="Anna")
    run(app, "users", "update", ANNA, "--name", "Anna B")
    record = read(app, "audit", "list", "--subject", ANNA, "--action", "user.updated")["items"][0]
    assert read(app, "audit", "show", record["id"]) == record
    assert [row["action"] for row in read(app, "users", "activity", ANNA)["items"]] == ["user.updated", "user.created"]
    assert len(run(app, "users", "activity", ANNA, "--limit", "1")[1].splitlines()) == 1
    assert run(app, "audit", "undo", record["id"])[0] == 0
    assert people.row(id=anna.id)["name"] == "Anna"
    for arguments in (["--actor", "nobody"], ["--since", "soon"], ["--since", "2026-03-02", "--until", "2026-03-01"]):
        assert run(app, "audit", "list", *arguments)[0] == 1
