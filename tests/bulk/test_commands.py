"""flask bulk …: an operator changes many people for someone, who could do the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests import commands
from tests.access_factory import Access
from tests.bulk.conftest import status
from tests.factories import TESTER, People
from webapp.access.models import HELPDESK
from webapp.bulk.queries import get_change
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


def run(app: App, *arguments: str) -> tuple[int, str, str]:
    return commands.run(app, "bulk", *arguments)


def read(app: App, *arguments: str) -> Any:
    return commands.read(app, "bulk", *arguments)


@pytest.fixture
def change(app: App, people: People, three: list[UserOut]) -> dict[str, Any]:
    """A change that would deactivate Anna and Boris."""
    users = [f"--user={person.email}" for person in three[:2]]
    created: dict[str, Any] = read(app, "create", "--as", people.owner().email, "--action=deactivate", *users)
    return created


def test_people_are_previewed_changed_and_restored(
    app: App, people: People, three: list[UserOut], change: dict[str, Any]
) -> None:
    assert (change["counts"], status(people, *three)) == ({"change": 2}, ["active"] * 3)
    rows = read(app, "people", change["id"])["items"]
    assert [(row["name"], row["outcome"]) for row in rows] == [("Anna", "change"), ("Boris", "change")]
    applied = read(app, "apply", change["id"], "--plan", change["plan_hash"])
    assert (applied["state"], status(people, *three)) == ("applied", ["deactivated", "deactivated", "active"])
    action, _changes = people.audit_trail(three[0].id)[-1]
    assert action == "user.deactivated"
    assert read(app, "undo", change["id"])["counts"] == {"undone": 2}
    assert "undone" in run(app, "list")[1]
    assert "counts:         2 undone" in run(app, "show", change["id"])[1]


def test_a_filter_and_an_argument_select_and_set(
    app: App, people: People, three: list[UserOut], access: Access
) -> None:
    access.group("Sales")
    owner = ["create", "--as", people.owner().email]
    grouped = read(app, *owner, "--action=add_group", "--filter=q=anna", "--group=sales")
    assert (grouped["total"], grouped["argument"]["group"]) == (1, "Sales")
    later = read(app, *owner, "--action=end_access", "--filter=q=anna")
    assert later["state"] == "draft"
    assert read(app, "preview", later["id"], "--ends-at=2099-01-01T00:00")["counts"] == {"change": 1}


def test_large_changes_run_in_the_command(
    app: App, people: People, three: list[UserOut], two_per_request: None, tmp_path: Path
) -> None:
    owner = ["create", "--as", people.owner().email]
    change = read(app, *owner, "--action=deactivate", *[f"--user={person.email}" for person in three])
    assert change["state"] == "planned"
    assert read(app, "apply", change["id"], "--plan", change["plan_hash"])["state"] == "applied"
    assert status(people, *three) == ["deactivated"] * 3
    export = read(app, *owner, "--action=export", *[f"--user={person.email}" for person in three])
    file = tmp_path / "people.csv"
    assert run(app, "export", export["id"], str(file))[0] == 0
    assert all(name in file.read_text() for name in ("Anna", "Boris", "Clara"))


def test_the_command_can_do_no_more_than_the_person(app: App, people: People, access: Access) -> None:
    boris, anna = access.person("Boris"), people.create(name="Anna")
    access.grant(HELPDESK, user_id=boris.id, scope_id=access.group("North"))
    before = people.row_counts()
    for arguments in (
        ["--action=delete", "--filter="],
        ["--action=reactivate", f"--user={anna.email}"],
    ):
        code, _out, err = run(app, "create", "--as", boris.email, *arguments)
        assert (code, bool(err)) == (1, True)
    assert people.row_counts() == before


def test_someone_who_cannot_sign_in_is_not_acted_for(app: App, people: People, change: dict[str, Any]) -> None:
    invited = people.create(name="Invited")
    before = people.row_counts()
    assert run(app, "create", "--as", invited.email, "--action=delete", "--filter=")[0] == 1
    assert people.row_counts() == before


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["create", "--as", "olga@example.com", "--action=deactivate"], 2),
        (["create", "--as", "olga@example.com", "--action=deactivate", "--filter=", "--user=a"], 2),
        (["create", "--as", "olga@example.com", "--action=fly", "--filter="], 2),
        (["create", "--as", "olga@example.com", "--action=deactivate", "--filter=status=eaten"], 1),
        (["create", "--as", "olga@example.com", "--action=add_group", "--filter=", "--group=None"], 1),
        (["create", "--as", "olga@example.com", "--action=deactivate", "--filter=", "--group=None"], 1),
        (["create", "--as", "olga@example.com", "--action=deactivate", "--filter=stauts=active"], 1),
        (["create", "--as", "olga@example.com", "--action=add_role", "--filter=", "--role=Helpdesk", "--within="], 1),
        (["create", "--as", "nobody", "--action=deactivate", "--filter="], 1),
        (["show", NOWHERE], 1),
        (["show", "x"], 2),
        (["apply", NOWHERE], 2),
        (["undo", NOWHERE], 1),
        (["stop", NOWHERE], 1),
        (["export", NOWHERE], 1),
    ],
)
def test_errors_have_a_message_and_an_exit_code(app: App, people: People, arguments: list[str], code: int) -> None:
    people.owner()
    before = people.row_counts()
    exit_code, _out, err = run(app, *arguments)
    assert (exit_code, bool(err), "Traceback" in err) == (code, True, False)
    assert people.row_counts() == before


def test_an_outdated_plan_changes_no_one(
    app: App, people: People, three: list[UserOut], change: dict[str, Any]
) -> None:
    with app.app_context():
        deactivate_user(three[0].id, by=TESTER)
    read(app, "preview", change["id"])
    before = people.row_counts()
    assert run(app, "apply", change["id"], "--plan", change["plan_hash"])[0] == 1
    assert (people.row_counts(), status(people, three[1])) == (before, ["active"])
    with app.app_context():
        assert get_change(UUID(change["id"])).state == "planned"
