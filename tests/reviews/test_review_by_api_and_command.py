"""Programs and operators review access as the page does."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import commands
from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import HELPDESK
from webapp.core.clock import now
from webapp.users.schemas import UserOut
from webapp.web.api import App

REVIEW, FILE = "/api/v1/access-review", "/api/v1/access-review/file"
YESTERDAY = f"{now() - timedelta(days=1):%Y-%m-%d}"


@pytest.fixture
def anna(access: Access, people: People) -> UserOut:
    """Anna of the helpdesk, within North and through the group Desk."""
    people.owner()
    anna, desk = access.person("Anna"), access.group("Desk")
    access.grant(HELPDESK, user_id=anna.id, scope_id=access.group("North"))
    access.grant(HELPDESK, group_id=desk)
    access.add_member(desk, anna.id)
    return anna


def run(app: App, *arguments: str) -> tuple[int, str, str]:
    return commands.run(app, "reviews", *arguments)


def rows(body: Any) -> list[tuple[str | None, str, str | None]]:
    return [(each["user"] and each["user"]["name"], each["grant"]["role"]["name"], each["change"]) for each in body]


def test_roles_of_a_day_and_what_changed(app: App, api: Api, anna: UserOut) -> None:
    today = [("Ольга Смирнова", "Owner", None), ("Anna", "Helpdesk", None), (None, "Helpdesk", None)]
    body = api.get("/access-review").json
    assert (rows(body["items"]), body["items"][1]["grant"]["within"]["name"]) == (today, "North")
    assert api.get(f"/access-review?on={YESTERDAY}").json["items"] == []
    assert {change for _name, _role, change in rows(api.get(f"/access-review?since={YESTERDAY}").json["items"])} == {
        "added"
    }
    assert len(api.get(f"/access-review?role={HELPDESK}").json["items"]) == 2
    code, out, _err = run(app, "list", "--json")
    assert (code, json.loads(out)["items"]) == (0, body["items"])
    assert f"added    {anna.email}: Helpdesk within North" in run(app, "list", "--since", YESTERDAY)[1]


def test_the_export_has_each_person_and_is_recorded(
    app: App, api: Api, anna: UserOut, people: People, tmp_path: Path
) -> None:
    before = people.row_counts()["audit_records"]
    answer = api.post("/access-review/file", {})
    assert (answer.status_code, answer.text.count("Anna,")) == (200, 2)
    file = tmp_path / "review.csv"
    assert run(app, "export", str(file))[0] == 0
    assert file.read_bytes() == answer.data
    assert people.row_counts()["audit_records"] == before + 2


@pytest.mark.one_engine
def test_wrong_days_leave_no_trace(app: App, api: Api, people: People) -> None:
    tomorrow = f"{now() + timedelta(days=1):%Y-%m-%d}"
    before = people.row_counts()
    for query in (f"since={tomorrow}", "on=soon", "on=0000-00-00", "on=0", "role=x", "q=a"):
        assert api.get(f"/access-review?{query}").status_code == 400
    for body in ({"since": tomorrow}, {"on": "soon"}, {"on": 1}, {"since": 0}, {"role": "x"}, {"day": tomorrow}):
        assert api.post("/access-review/file", body).status_code == 422
    for arguments, code in ((["--since", tomorrow], 1), (["--on", "soon"], 2), (["--role", "x"], 2)):
        assert run(app, "list", *arguments)[0] == run(app, "export", *arguments)[0] == code
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_the_scope_is_required(app: App, people: People) -> None:
    limited, _id = Tokens(app).create(people.owner(), "users.read")
    before = people.row_counts()
    assert code_of(limited.get("/access-review")) == "missing_scope"
    assert code_of(limited.post("/access-review/file", {})) == "missing_scope"
    assert people.row_counts() == before


def test_it_takes_as_many_statements_for_one_role_as_for_many(app: App, api: Api, anna: UserOut) -> None:
    counts = []
    for limit in (2, 3):
        api.get(f"/access-review?limit={limit}")
        with captured_queries(app) as seen:
            api.get(f"/access-review?limit={limit}")
        counts.append(len(seen))
    # The token with its owner and their permissions, the grants with their count, and their holders.
    assert counts == [3, 3]


@pytest.mark.one_engine
def test_answers_are_as_described(api: Api, anna: UserOut) -> None:
    spec = api.get("/openapi.json").json
    check_described(spec, "get", REVIEW, api.get("/access-review?limit=1"))
    check_described(spec, "get", REVIEW, api.get("/access-review?on=x"))
    check_described(spec, "post", FILE, api.post("/access-review/file", spec_example(spec, "ReviewIn")))
    check_described(spec, "post", FILE, api.post("/access-review/file", {"on": 1}))
