"""Merges by the API and from the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.duplicates.finding import find_duplicates, only_pair, open_pairs
from tests.factories import TESTER, People
from webapp.access.models import HELPDESK
from webapp.groups.services import delete_group
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def command(app: App, *arguments: str) -> Any:
    result = app.test_cli_runner().invoke(args=[*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_merge_by_the_api_and_its_undo(api: Api, people: People) -> None:
    kept, merged = people.create(name="Анна"), people.create(username="anna", email="anna@example.org")
    body = {"merged_id": str(merged.id), "take": ["username"], "version": kept.version}
    answer = api.post(f"/users/{kept.id}/merges", body)
    assert (answer.status_code, answer.json["merged_id"]) == (201, str(merged.id))
    assert api.get(f"/users/{kept.id}").json["username"] == "anna"
    assert api.get(f"/users/{merged.id}").json["status"] == "deleted"
    assert api.get(answer.headers["Location"].partition("/api/v1")[2]).json["action"] == "merge.kept"
    assert api.post(f"/audit-records/{answer.json['record_id']}/undo").status_code == 201
    assert api.get(f"/users/{kept.id}").json["username"] is None
    assert api.get(f"/users/{merged.id}").json["username"] == "anna"


def test_a_role_within_a_deleted_group_does_not_stop_a_merge(
    app: App, api: Api, people: People, access: Access
) -> None:
    kept, merged, old = people.create(name="Анна"), people.create(name="Anna"), access.group("Old")
    access.grant(HELPDESK, user_id=merged.id, scope_id=old)
    with app.app_context():
        delete_group(old, by=TESTER)
    assert api.post(f"/users/{kept.id}/merges", {"merged_id": str(merged.id)}).status_code == 201
    assert api.get(f"/users/{kept.id}/grants").json["items"] == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"take": ["password"]}, 422),
        ({"take": ["attributes.unknown"]}, 422),
        ({"take": ["x" * 100]}, 422),
        ({"take": "email"}, 422),
        ({"version": 99}, 409),
        ({"merged_version": 99}, 409),
        ({"version": 0}, 422),
        ({"merged_id": "01a20c33-7cd6-70ee-b0a1-652ec903b536"}, 404),
        ({"merged_id": "x"}, 422),
        ({"unknown": 1}, 422),
    ],
)
def test_a_refused_merge_leaves_no_trace(api: Api, people: People, change: dict[str, Any], status: int) -> None:
    kept, merged = people.create(), people.create()
    before = people.row_counts()
    answer = api.post(f"/users/{kept.id}/merges", {"merged_id": str(merged.id)} | change)
    assert answer.status_code == status, answer.json
    assert people.row_counts() == before
    same = api.post(f"/users/{kept.id}/merges", {"merged_id": str(kept.id)})
    assert (same.status_code, same.json["errors"][0]["field"]) == (422, "merged_id")


def test_the_commands_list_dismiss_and_merge(app: App, people: People) -> None:
    one, other = people.create(name="Анна Иванова"), people.create(name="Anna Ivanova")
    find_duplicates(app)
    (pair,) = command(app, "duplicates", "list")
    assert {user["id"] for user in pair["users"]} == {str(one.id), str(other.id)}
    assert command(app, "duplicates", "dismiss", str(only_pair(app).id))["dismissed"] is True
    assert open_pairs(app) == []
    merged = command(app, "users", "merge", one.email, other.email, "--take", "name", "--no-roles")
    row = people.row(id=one.id)
    assert row
    assert row["name"] == "Anna Ivanova"
    command(app, "audit", "undo", "--batch", merged["id"])
    row = people.row(id=one.id)
    assert row
    assert row["name"] == "Анна Иванова"
