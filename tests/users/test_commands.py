"""The commands `flask users …`."""

from __future__ import annotations

import json

import pytest
from werkzeug.security import check_password_hash

from tests import commands
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def run(app: App, *arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    return commands.run(app, "users", *arguments, stdin=stdin)


def test_create_adds_a_user_and_an_audit_record(app: App, people: People) -> None:
    code, out, _err = run(app, "create", "--email", "anton@example.com", "--name", "Антон", "--json")
    row = people.row(email="anton@example.com")
    assert (code, json.loads(out)["id"], json.loads(out)["roles"]) == (0, str(row["id"]), [])
    assert people.audit_trail(row["id"])[0][0] == "user.created"


@pytest.mark.parametrize("stdin", ["{}\n", "{}\r\n", "\ufeff{}\r\n", "{}", "\ufeff{}\nmore"])
def test_create_reads_the_password_from_standard_input(app: App, people: People, stdin: str) -> None:
    arguments = ["create", "--email", "o@example.com", "--name", "O", "--owner", "--password-stdin"]
    code, out, _err = run(app, *arguments, "--json", stdin=stdin.format("перекличка в полдень"))
    assert (code, json.loads(out)["roles"]) == (0, ["Owner"])
    row = people.row(email="o@example.com")
    assert check_password_hash(row["password_hash"], "перекличка в полдень")


def test_list_searches_filters_and_pages(app: App, people: People) -> None:
    for name in ("Anna", "Антон", "Bob"):
        people.create(name=name)
    assert "Антон" in run(app, "list", "--q", "антон", "--status", "invited")[1]
    _code, out, err = run(app, "list", "--limit", "2")
    assert len(out.splitlines()) == 2
    cursor = err.strip().rpartition(" ")[2]
    assert len(run(app, "list", "--limit", "2", "--after", cursor)[1].splitlines()) == 1
    assert [user["name"] for user in json.loads(run(app, "list", "--json")[1])["items"]] == ["Anna", "Bob", "Антон"]


@pytest.mark.parametrize("by", ["anton@example.com", "ANTON", "id"])
def test_show_accepts_an_address_username_or_id(app: App, people: People, by: str) -> None:
    anton = people.create(email="anton@example.com", username="anton", name="Антон")
    code, out, _err = run(app, "show", str(anton.id) if by == "id" else by)
    assert (code, "Антон" in out) == (0, True)


def test_deactivate_and_reactivate(app: App, people: People) -> None:
    anton = people.create(email="anton@example.com", password=people.password)
    assert run(app, "deactivate", "anton@example.com")[0] == 0
    assert people.row(id=anton.id)["status"] == "deactivated"
    assert run(app, "reactivate", "anton@example.com")[0] == 0
    assert people.row(id=anton.id)["status"] == "active"


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "nobody@example.com"], 1),
        (["deactivate", "nobody"], 1),
        (["create", "--email", "nope", "--name", "X"], 1),
        (["create", "--email", "a@example.com", "--name", ""], 1),
        (["list", "--after", "garbage"], 1),
        (["list", "--limit", "0"], 2),
        (["list", "--sort", "password_hash"], 2),
        (["list", "--status", "asleep"], 2),
        (["create", "--name", "X"], 2),
        (["nonsense"], 2),
    ],
)
def test_errors_have_a_message_and_an_exit_code(app: App, people: People, arguments: list[str], code: int) -> None:
    before = people.row_counts()
    exit_code, _out, err = run(app, *arguments)
    assert (exit_code, bool(err)) == (code, True)
    assert "Traceback" not in err
    assert people.row_counts() == before


@pytest.mark.parametrize("command", ["create", "list", "show", "deactivate", "reactivate", "import"])
def test_every_command_has_a_help_text(app: App, command: str) -> None:
    code, out, _err = run(app, command, "--help")
    assert (code, out.startswith("Usage:")) == (0, True)
