"""The commands `flask users update`, `delete`, `restore` and `purge`."""

from __future__ import annotations

import json

import pytest
from werkzeug.security import check_password_hash

from tests.factories import People
from tests.users.test_commands import run
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(email="anton@example.com", username="anton", name="Антон")


def test_update_changes_only_the_given_values(app: App, people: People, anton: UserOut) -> None:
    arguments = ["--name", "Антон Петров", "--username", "", "--ends-at", "2027-03-31T18:00+03:00", "--json"]
    code, out, _err = run(app, "update", "anton", *arguments)
    changed = json.loads(out)
    assert (code, changed["name"], changed["username"]) == (0, "Антон Петров", None)
    assert (changed["email"], changed["ends_at"]) == ("anton@example.com", "2027-03-31T15:00:00Z")
    assert json.loads(run(app, "update", "anton@example.com", "--ends-at", "", "--json")[1])["ends_at"] is None
    assert run(app, "update", "anton@example.com", "--password-stdin", stdin="перекличка в полдень\n")[0] == 0
    assert check_password_hash(people.row(id=anton.id)["password_hash"], "перекличка в полдень")


def test_delete_and_restore_a_user(app: App, people: People, anton: UserOut) -> None:
    code, _out, err = run(app, "delete", "anton@example.com")
    assert (code, "can be restored until" in err) == (0, True)
    assert people.row(id=anton.id)["status"] == "deleted"
    assert json.loads(run(app, "list", "--status", "deleted", "--json")[1])["items"][0]["id"] == str(anton.id)
    assert run(app, "show", "anton@example.com")[0] == 1
    for _attempt in range(2):
        assert json.loads(run(app, "restore", "anton@example.com", "--json")[1])["status"] == "invited"


def test_restore_accepts_another_address(app: App, people: People, anton: UserOut) -> None:
    run(app, "delete", "anton")
    people.create(email="anton@example.com")
    code, _out, err = run(app, "restore", str(anton.id))
    assert (code, "email: This e-mail address is already in use" in err) == (1, True)
    code, out, _err = run(app, "restore", "anton@example.com", "--email", "new@example.com", "--username", "", "--json")
    assert (code, json.loads(out)["email"], json.loads(out)["username"]) == (0, "new@example.com", None)


def test_purge_asks_for_confirmation(app: App, people: People, anton: UserOut) -> None:
    run(app, "delete", "anton")
    assert run(app, "purge", "anton", stdin="n\n")[0] == 1
    assert people.row(id=anton.id) is not None
    code, out, _err = run(app, "purge", "anton", "--yes", "--json")
    assert (code, json.loads(out)) == (0, {"id": str(anton.id), "erased": True})
    assert people.row(id=anton.id) is None


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["update", "nobody", "--name", "X"], 1),
        (["update", "anton", "--email", "nope"], 1),
        (["update", "anton", "--ends-at", "2020-01-01"], 1),
        (["update", "anton", "--ends-at", "soon"], 2),
        (["delete", "nobody"], 1),
        (["restore", "nobody"], 1),
        (["purge", "anton", "--yes"], 1),
        (["purge", "id", "--yes"], 1),
        (["delete"], 2),
    ],
)
def test_refused_commands_print_a_message_and_exit_with_1(
    app: App, people: People, anton: UserOut, arguments: list[str], code: int
) -> None:
    before = people.row_counts()
    arguments = [str(anton.id) if argument == "id" else argument for argument in arguments]
    answer, _out, err = run(app, *arguments)
    assert (answer, bool(err), "Traceback" in err) == (code, True, False)
    assert people.row_counts() == before


@pytest.mark.parametrize("command", ["update", "delete", "restore", "purge"])
def test_every_command_has_help(app: App, command: str) -> None:
    code, out, _err = run(app, command, "--help")
    assert (code, out.startswith("Usage:")) == (0, True)
