"""flask attributes …"""

from __future__ import annotations

from typing import Any

import pytest

from tests import commands
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def run(app: App, *arguments: str) -> tuple[int, str, str]:
    return commands.run(app, "attributes", *arguments)


def read(app: App, *arguments: str) -> Any:
    return commands.read(app, "attributes", *arguments)


def test_an_attribute_is_created_changed_moved_deleted_and_restored(app: App) -> None:
    team = read(app, "create", "--key=team", "--label-en=Team", "--kind=choice", "--choice=a|A|А", "--choice=b")
    assert [choice["value"] for choice in team["choices"]] == ["a", "b"]
    read(app, "create", "--label-en=Office", "--required")
    assert read(app, "update", "team", "--label-ru=Отдел", "--choice=a")["label_ru"] == "Отдел"
    assert "choices:        a" in run(app, "show", "team")[1]
    read(app, "move", "office", "1")
    assert [row["key"] for row in read(app, "list")] == ["office", "team"]
    assert read(app, "update", "office", "--optional")["required"] is False
    read(app, "delete", team["id"])
    assert "team" not in run(app, "list")[1]
    assert read(app, "restore", "team")["id"] == team["id"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["create"], 1),
        (["create", "--key=A B", "--label-en=A"], 1),
        (["create", "--label-en=A", "--kind=colour"], 2),
        (["create", "--label-en=A", "--kind=choice"], 1),
        (["show", "none"], 1),
        (["update", "none", "--label-en=A"], 1),
        (["move", "none", "1"], 1),
        (["move", "none", "0"], 2),
        (["delete", "none"], 1),
        (["restore", "none"], 1),
    ],
)
def test_errors_have_a_message_and_an_exit_code(app: App, people: People, arguments: list[str], code: int) -> None:
    before = people.row_counts()
    exit_code, _out, err = run(app, *arguments)
    assert (exit_code, bool(err), "Traceback" in err) == (code, True, False), err
    assert people.row_counts() == before
