"""flask views …"""

from __future__ import annotations

from typing import Any

import pytest

from tests import commands
from tests.access_factory import Access
from tests.factories import People
from webapp.access.models import HELPDESK
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


def run(app: App, *arguments: str) -> tuple[int, str, str]:
    return commands.run(app, "views", *arguments)


def read(app: App, *arguments: str) -> Any:
    return commands.read(app, "views", *arguments)


def test_a_view_is_saved_changed_and_deleted(app: App, people: People) -> None:
    owner = people.owner().email
    view = read(app, "create", "--as", owner, "--name=Новые", "--address=status=invited", "--shared")
    assert (view["address"], view["shared"]) == ("sort=name&status=invited", True)
    assert read(app, "update", view["id"], "--name=Waiting")["version"] == 2
    assert "Waiting" in run(app, "list", "--of", owner)[1]
    assert read(app, "stop-sharing", view["id"])["shared"] is False
    assert "owner:          Ольга Смирнова" in run(app, "show", view["id"])[1]
    assert run(app, "delete", view["id"])[0] == 0
    assert read(app, "list", "--of", owner)["items"] == []


def test_the_command_shares_only_what_the_person_may_share(app: App, people: People, access: Access) -> None:
    anna = access.person("Anna", roles=[HELPDESK])
    before = people.row_counts()
    assert run(app, "create", "--as", anna.email, "--name=A", "--shared")[0] == 1
    assert people.row_counts() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 2),
        (["list", "--of", "nobody"], 1),
        (["create", "--name", "A"], 2),
        (["create", "--as", "olga@example.com", "--name", " "], 1),
        (["create", "--as", "olga@example.com", "--name", "A", "--address", "status=eaten"], 1),
        (["show", NOWHERE], 1),
        (["update", NOWHERE, "--name", "A"], 1),
        (["delete", NOWHERE], 1),
        (["stop-sharing", "x"], 2),
    ],
)
def test_errors_have_a_message_and_an_exit_code(app: App, people: People, arguments: list[str], code: int) -> None:
    people.owner()
    before = people.row_counts()
    exit_code, _out, err = run(app, *arguments)
    assert (exit_code, bool(err), "Traceback" in err) == (code, True, False)
    assert people.row_counts() == before
