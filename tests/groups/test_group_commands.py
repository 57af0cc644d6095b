"""The commands `flask groups …` and `flask roles list`."""

from __future__ import annotations

import json

import pytest

from tests.access_factory import Access
from tests.commands import run
from tests.factories import People
from webapp.access.models import OWNER
from webapp.web.api import App


@pytest.mark.one_engine
def test_a_group_is_created_and_filled(app: App, people: People) -> None:
    anna = people.create(email="anna@example.com")
    assert run(app, "groups", "create", "--name", "Sales")[0] == 0
    code, out, _err = run(app, "groups", "create", "--name", "North", "--inside", "sales", "--json")
    created = json.loads(out)
    assert (code, created["parent_id"] is not None) == (0, True)
    arguments = ["groups", "add-member", "North", "anna@example.com", "--ends-at", "2099-03-31T18:00+03:00", "--json"]
    code, out, _err = run(app, *arguments)
    assert (code, json.loads(out)["ends_at"]) == (0, "2099-03-31T15:00:00Z")
    assert people.audit_trail(anna.id)[-1][0] == "member.added"
    assert run(app, "groups", "remove-member", created["id"], str(anna.id))[0] == 0
    assert people.audit_trail(anna.id)[-1][0] == "member.removed"


@pytest.mark.one_engine
def test_groups_and_roles_are_listed(app: App, access: Access) -> None:
    for name in ("North", "Север", "Sales"):
        access.group(name)
    code, out, err = run(app, "groups", "list", "--limit", "2")
    assert (code, [line.split("\t")[1] for line in out.splitlines()]) == (0, ["North", "Sales"])
    code, out, _err = run(app, "groups", "list", "--after", err.strip().rpartition(" ")[2], "--json")
    assert [group["name"] for group in json.loads(out)["items"]] == ["Север"]
    assert "Север" in run(app, "groups", "list", "--q", "сев")[1]
    assert json.loads(run(app, "roles", "list", "--json")[1])[0]["id"] == str(OWNER)
    assert "\tOwner\t" in run(app, "roles", "list")[1]


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["create", "--name", ""], 1),
        (["create", "--name", "New", "--inside", ""], 1),
        (["create", "--name", "New", "--inside", "Nowhere"], 1),
        (["add-member", "Nowhere", "anna@example.com"], 1),
        (["add-member", "North", "nobody@example.com"], 1),
        (["add-member", "North", "anna@example.com", "--ends-at", "2020-01-01"], 1),
        (["add-member", "North", "anna@example.com", "--ends-at", "soon"], 2),
        (["add-member", "North", "anna@example.com", "--ends-at", ""], 2),
        (["remove-member", "North", "anna@example.com"], 1),
        (["list", "--after", "garbage"], 1),
        (["list", "--limit", "0"], 2),
    ],
)
def test_errors_have_a_message_and_an_exit_code(
    app: App, people: People, access: Access, arguments: list[str], code: int
) -> None:
    access.group("North")
    people.create(email="anna@example.com")
    before = people.row_counts()
    exit_code, _out, err = run(app, "groups", *arguments)
    assert (exit_code, bool(err), "Traceback" in err) == (code, True, False)
    assert people.row_counts() == before
