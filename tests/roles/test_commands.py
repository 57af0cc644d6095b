"""flask roles …, flask groups … and the roles of users and groups on the command line."""

from __future__ import annotations

import pytest

from tests.commands import read, run
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


def test_a_role_is_created_changed_deleted_and_restored(app: App) -> None:
    role = read(app, "roles", "create", "--name=Приёмная", "--permission=users.read", "--permission=users.create")
    assert role["permissions"] == ["users.create", "users.read"]
    changed = read(app, "roles", "update", "приёмная", "--description=Front desk", "--permission=users.read")
    assert (changed["description"], changed["permissions"]) == ("Front desk", ["users.read"])
    assert read(app, "roles", "delete", role["id"])["id"] == role["id"]
    assert run(app, "roles", "show", role["id"])[0] == 1
    assert read(app, "roles", "restore", role["id"])["name"] == "Приёмная"


def test_a_group_is_created_moved_deleted_and_restored(app: App, people: People) -> None:
    company, sales = (read(app, "groups", "create", f"--name={name}") for name in ("Company", "Sales"))
    assert read(app, "groups", "update", "sales", "--inside=company")["parent_id"] == company["id"]
    assert read(app, "groups", "update", "sales", "--inside=")["parent_id"] is None
    anna = people.create(name="Anna")
    run(app, "groups", "add-member", "sales", anna.email)
    assert [row["user"]["name"] for row in read(app, "groups", "members", "sales")["items"]] == ["Anna"]
    assert read(app, "groups", "members", "sales", "--state=future")["items"] == []
    read(app, "groups", "delete", "sales")
    assert read(app, "groups", "restore", sales["id"])["name"] == "Sales"


def test_roles_are_given_explained_and_removed(app: App, people: People) -> None:
    anna = people.create(name="Anna").email
    for name in ("North", "Desk"):
        read(app, "groups", "create", f"--name={name}")
    run(app, "groups", "add-member", "desk", anna)
    assert read(app, "users", "give-role", anna, "helpdesk", "--within=north")["within"]["name"] == "North"
    read(app, "groups", "give-role", "desk", "auditor", "--ends-at=2099-01-01")
    assert "users.reset within North: Helpdesk within North" in run(app, "users", "access", anna)[1]
    assert "audit.read: Auditor through the group Desk" in run(app, "users", "access", anna)[1]
    assert len(read(app, "users", "roles", anna)) == 2
    assert "Auditor through the group Desk  until 2099-01-01 00:00 UTC" in run(app, "groups", "roles", "desk")[1]
    assert run(app, "users", "remove-role", anna, "helpdesk")[0] == 1
    assert run(app, "users", "remove-role", anna, "auditor")[0] == 1
    assert run(app, "users", "remove-role", anna, "helpdesk", "--within=north")[0] == 0
    assert run(app, "groups", "remove-role", "desk", "auditor")[0] == 0
    assert read(app, "users", "access", anna)["permissions"] == []


def test_an_unset_group_does_not_mean_everywhere(app: App, people: People) -> None:
    anna = people.create(name="Anna").email
    read(app, "groups", "create", "--name=Desk")
    for holder in (("users", anna), ("groups", "desk")):
        assert run(app, holder[0], "give-role", holder[1], "helpdesk", "--within=")[0] == 1
        read(app, holder[0], "give-role", holder[1], "helpdesk")
        assert run(app, holder[0], "remove-role", holder[1], "helpdesk", "--within=")[0] == 1
        assert len(read(app, holder[0], "roles", holder[1])) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["roles", "show", "none"], 1),
        (["roles", "create", "--name", " "], 1),
        (["roles", "create", "--name", "A", "--permission", "users.fly"], 1),
        (["roles", "delete", "owner"], 1),
        (["roles", "restore", NOWHERE], 1),
        (["groups", "show", "none"], 1),
        (["groups", "update", "none", "--name", "A"], 1),
        (["groups", "restore", NOWHERE], 1),
        (["groups", "restore", "x"], 2),
        (["groups", "members", "none"], 1),
        (["users", "give-role", "olga@example.com", "none"], 1),
        (["users", "give-role", "olga@example.com", "auditor", "--ends-at="], 2),
        (["users", "remove-role", "olga@example.com", "owner"], 1),
        (["users", "access", "nobody"], 1),
    ],
)
def test_errors_have_a_message_and_an_exit_code(app: App, people: People, arguments: list[str], code: int) -> None:
    people.owner()
    before = people.row_counts()
    exit_code, _out, err = run(app, *arguments)
    assert (exit_code, bool(err), "Traceback" in err) == (code, True, False), err
    assert people.row_counts() == before
