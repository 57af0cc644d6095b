"""Programs change many people: ask, check the preview, apply, undo, export."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.bulk.conftest import Bulk, status
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, HELPDESK
from webapp.attributes.services import create_attribute
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
CHANGES, CHANGE = "/api/v1/bulk-changes", "/api/v1/bulk-changes/{bulk_id}"


def ask(api: Api, action: str, *people: UserOut, **fields: Any) -> dict[str, Any]:
    body = {"action": action, "ids": [str(person.id) for person in people]} if people else {"action": action}
    answer = api.post("/bulk-changes", body | fields)
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def apply(api: Api, change: dict[str, Any]) -> Any:
    return api.post(f"/bulk-changes/{change['id']}/application", {"plan_hash": change["plan_hash"]})


def outcomes(api: Api, change: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["name"], row["outcome"]) for row in api.get(f"/bulk-changes/{change['id']}/people").json["items"]]


@pytest.mark.both_engines
def test_people_are_previewed_changed_and_restored(api: Api, people: People, three: list[UserOut]) -> None:
    change = ask(api, "deactivate", *three)
    assert (change["state"], change["counts"], change["total"]) == ("planned", {"change": 3}, 3)
    assert (status(people, *three), len(change["plan_hash"])) == (["active"] * 3, 64)
    assert outcomes(api, change) == [("Anna", "change"), ("Boris", "change"), ("Clara", "change")]
    applied = apply(api, change)
    assert (applied.json["state"], applied.json["counts"]) == ("applied", {"done": 3})
    assert status(people, *three) == ["deactivated"] * 3
    undone = api.post(f"/bulk-changes/{change['id']}/undo")
    assert (undone.json["state"], status(people, *three)) == ("undone", ["active"] * 3)
    assert [row["id"] for row in api.get("/bulk-changes").json["items"]] == [change["id"]]


@pytest.mark.parametrize(
    ("filter_", "code"),
    [
        ("stauts=active", "unknown"),
        ("?status=active", "unknown"),
        ("view=01a23186-1e31-7a62-9dc9-a0bbae75fab9", "unknown"),
        ("status=active&status=invited", "repeated"),
        ("status=", "missing"),
        ("attr.unit=", "missing"),
    ],
)
def test_a_filter_that_is_not_understood_selects_no_one(
    api: Api, people: People, three: list[UserOut], filter_: str, code: str
) -> None:
    before = people.row_counts()
    answer = api.post("/bulk-changes", {"action": "deactivate", "filter": filter_})
    assert (answer.status_code, answer.json["errors"][0]["field"], code_of(answer)) == (400, "filter", code)
    assert people.row_counts() == before


@pytest.mark.parametrize(
    ("action", "within", "code"), [("remove_role", "North", "unexpected"), ("add_role", "", "unknown")]
)
def test_a_role_is_given_or_removed_nowhere_else(
    api: Api, people: People, access: Access, three: list[UserOut], action: str, within: str, code: str
) -> None:
    access.group("North")
    before = people.row_counts()
    argument = {"role": "Helpdesk", "within": within}
    answer = api.post("/bulk-changes", {"action": action, "ids": [str(three[0].id)], "argument": argument})
    assert (answer.status_code, answer.json["errors"][0]["field"], code_of(answer)) == (422, "argument.within", code)
    assert people.row_counts() == before


def test_a_filter_selects_all_who_match(api: Api, people: People, three: list[UserOut]) -> None:
    change = ask(api, "deactivate", filter="q=boris&status=active")
    assert (change["total"], change["filter"]) == (1, "q=boris&status=active")
    apply(api, change)
    assert status(people, *three) == ["active", "deactivated", "active"]


@pytest.mark.both_engines
def test_one_key_asks_and_applies_once(api: Api, people: People, three: list[UserOut]) -> None:
    key, body = {"Idempotency-Key": "a"}, {"action": "deactivate", "ids": [str(three[0].id)]}
    first, second = (api.post("/bulk-changes", body, headers=key).json for _time in range(2))
    assert first == second
    plan, address = {"plan_hash": first["plan_hash"]}, f"/bulk-changes/{first['id']}/application"
    answers = [api.post(address, plan, headers={"Idempotency-Key": "b"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert api.post(address, plan).status_code == 409


def test_the_action_gets_what_it_needs(app: App, api: Api, three: list[UserOut], access: Access) -> None:
    sales = access.group("Sales")
    with app.app_context():
        create_attribute(key="office", label_en="Office", by=TESTER)
    role = ask(api, "add_role", three[0], argument={"role": "helpdesk", "within": str(sales)})
    assert (role["argument"]["role"], role["argument"]["within"]) == ("Helpdesk", "Sales")
    assert ask(api, "add_group", three[0], argument={"group": "sales"})["argument"]["group_id"] == str(sales)
    end = ask(api, "end_access", three[0], argument={"ends_at": "2099-01-01T00:00:00+03:00"})
    assert end["argument"] == {"ends_at": "2098-12-31T21:00:00+00:00"}
    office = ask(api, "set_attribute", three[0], argument={"attribute": "office", "value": "Berlin"})
    assert apply(api, office).json["counts"] == {"done": 1}
    (row,) = api.get(f"/bulk-changes/{office['id']}/people?outcome=done").json["items"]
    assert row["changes"] == {"attributes.office": [None, "Berlin"]}


def test_the_argument_can_be_sent_later_and_again(
    api: Api, people: People, three: list[UserOut], access: Access
) -> None:
    for name in ("Sales", "Support"):
        access.group(name)
    change = ask(api, "add_group", three[0])
    assert (change["state"], change["plan_hash"]) == ("draft", "")
    address = f"/bulk-changes/{change['id']}"
    first = api.post(f"{address}/preview", {"argument": {"group": "Sales"}}).json
    second = api.post(f"{address}/preview", {"argument": {"group": "Support"}}).json
    before = people.row_counts()
    assert apply(api, first).status_code == 409
    assert people.row_counts() == before
    assert apply(api, second).json["counts"] == {"done": 1}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "ids"),
        ({"ids": [str(uuid4())], "filter": ""}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": ["x"]}, "ids.0"),
        ({"ids": [str(uuid4())] * 1001}, "ids"),
        ({"ids": [str(uuid4())]}, "ids"),
        ({"filter": "status=eaten"}, "filter"),
        ({"filter": "q=group:"}, "filter"),
        ({"filter": "q=nobody-has-this-name"}, "ids"),
        ({"filter": "", "action": "fly"}, "action"),
        ({"filter": "", "action": "add_group", "argument": {}}, "argument.group"),
        ({"filter": "", "action": "add_group", "argument": {"group": "None"}}, "argument.group"),
        ({"filter": "", "action": "add_group", "argument": {"group": "a\x00"}}, "argument.group"),
        ({"filter": "", "action": "add_role", "argument": {"role": "None"}}, "argument.role"),
        ({"filter": "", "action": "add_role", "argument": {"role": "Auditor", "within": "None"}}, "argument.within"),
        ({"filter": "", "action": "end_access", "argument": {"ends_at": "2001-01-01T00:00:00Z"}}, "argument.ends_at"),
        ({"filter": "", "action": "end_access", "argument": {"ends_at": "tomorrow"}}, "argument.ends_at"),
        ({"filter": "", "action": "set_attribute", "argument": {"attribute": "none"}}, "argument.attribute"),
        ({"filter": "", "argument": {"group": "Sales"}}, "argument.group"),
        ({"filter": "", "plan": "x"}, "plan"),
    ],
)
def test_wrong_requests_are_reported_by_field(api: Api, people: People, fields: dict[str, Any], field: str) -> None:
    before = people.row_counts()
    answer = api.post("/bulk-changes", {"action": "deactivate"} | fields)
    assert answer.status_code in {400, 422}, answer.json
    assert [each["field"] for each in answer.json["errors"]] == [field], answer.json
    assert people.row_counts() == before


def test_the_permission_of_the_action_is_required(app: App, people: People, three: list[UserOut]) -> None:
    limited, _id = Tokens(app).create(people.owner(), "users.read", "users.edit")
    body = {"action": "deactivate", "ids": [str(three[0].id)]}
    unread, _id = Tokens(app).create(people.owner(), "users.deactivate")
    before = people.row_counts()
    assert limited.post("/bulk-changes", body).status_code == 403
    assert code_of(unread.post("/bulk-changes", body)) == "missing_scope"
    assert people.row_counts() == before


def test_only_the_requester_continues_a_change(app: App, api: Api, people: People, access: Access) -> None:
    change = ask(api, "deactivate", people.create(name="Anna"))
    anna, boris = access.person("Eva", roles=[AUDITOR, HELPDESK]), access.person("Boris", roles=[HELPDESK])
    reader, helper = (Api(app, people.token_for(each)) for each in (anna, boris))
    address = f"/bulk-changes/{change['id']}"
    before = people.row_counts()
    assert (reader.get(address).status_code, helper.get(address).status_code) == (200, 404)
    for verb, body in (("application", {"plan_hash": change["plan_hash"]}), ("stop", None), ("undo", None)):
        assert reader.post(f"{address}/{verb}", body).status_code == 403
        assert helper.post(f"{address}/{verb}", body).status_code == 404
    assert people.row_counts() == before


def test_a_token_applies_no_more_than_its_scopes(app: App, api: Api, people: People, three: list[UserOut]) -> None:
    change = ask(api, "deactivate", *three)
    limited, _id = Tokens(app).create(people.owner(), "users.read", "users.edit")
    before = people.row_counts()
    assert apply(limited, change).status_code == 403
    assert (people.row_counts(), status(people, *three)) == (before, ["active"] * 3)


def test_what_is_not_there_to_do_is_refused(api: Api, people: People, three: list[UserOut]) -> None:
    change = ask(api, "reactivate", three[0])
    address, before = f"/bulk-changes/{change['id']}", people.row_counts()
    assert apply(api, change).status_code == 400
    for verb in ("stop", "undo"):
        assert api.post(f"{address}/{verb}").status_code == 409
    assert api.post(f"{address}/file").status_code == 404
    assert api.post(f"{address}/application", {"plan_hash": "0" * 63}).status_code == 422
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_of_two_programs_at_once_one_applies(app: App, api: Api, people: People, three: list[UserOut]) -> None:
    change, barrier = ask(api, "deactivate", *three), Barrier(2)

    def send(_number: int) -> int:
        barrier.wait()
        return int(apply(Api(app, api.headers["Authorization"].removeprefix("Bearer ")), change).status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == [200, 409]
    assert [len(people.audit_trail(person.id)) for person in three] == [2, 2, 2]


def test_someone_changed_since_the_preview_stays_as_they_are(app: App, api: Api, three: list[UserOut]) -> None:
    change = ask(api, "deactivate", *three)
    with app.app_context():
        deactivate_user(three[1].id, by=TESTER)
    assert apply(api, change).json["counts"] == {"done": 2, "overtaken": 1}
    assert outcomes(api, change)[1] == ("Boris", "overtaken")


def test_people_of_a_hidden_attribute_show_no_value(app: App, api: Api, three: list[UserOut], people: People) -> None:
    with app.app_context():
        create_attribute(
            key="salary", label_en="Salary", visible_to="administrators", editable_by="administrators", by=TESTER
        )
    change = ask(api, "set_attribute", three[0], argument={"attribute": "salary", "value": "1"})
    limited, _id = Tokens(app).create(people.owner(), "users.read", "users.edit")
    shown = limited.get(f"/bulk-changes/{change['id']}").json
    assert shown["argument"] == {"attribute": "salary"}
    assert limited.get(f"/bulk-changes/{change['id']}/people").json["items"][0]["changes"] == {}


def test_an_export_is_downloaded_at_once(api: Api, people: People, three: list[UserOut]) -> None:
    change = ask(api, "export", *three)
    answer = api.post(f"/bulk-changes/{change['id']}/file")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert [name in answer.text for name in ("Anna", "Boris", "Clara")] == [True] * 3
    assert people.audit_trail(UUID(change["id"]))[-1][0] == "users.exported"
    lines = api.post(f"/bulk-changes/{change['id']}/file?format=jsonl")
    assert (lines.mimetype, lines.text.count("\n")) == ("application/jsonl", 3)
    before = people.row_counts()
    assert api.post(f"/bulk-changes/{change['id']}/file?format=pdf").status_code == 422
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_jobs_continue_large_changes(
    app: App, api: Api, bulk: Bulk, three: list[UserOut], two_per_request: None
) -> None:
    change = ask(api, "export", *three)
    started = api.post(f"/bulk-changes/{change['id']}/file")
    assert (started.status_code, started.json["kind"]) == (202, "bulk.export")
    bulk.run_job(UUID(change["id"]))
    assert "Clara" in api.get(started.headers["Location"].removeprefix("/api/v1") + "/file").text
    large = ask(api, "deactivate", *three)
    assert (large["state"], bool(large["job_id"])) == ("planning", True)
    assert api.get(f"/bulk-changes/{large['id']}/people").status_code == 409
    bulk.run_job(UUID(large["id"]))
    assert api.get(f"/bulk-changes/{large['id']}").json["state"] == "planned"


def test_the_page_shows_a_change_of_a_program(owner: Browser, api: Api, three: list[UserOut]) -> None:
    change = ask(api, "add_group", three[0])
    assert owner.get(f"/bulk/{change['id']}").status_code == 200


def test_answers_are_as_described(api: Api, three: list[UserOut], access: Access) -> None:
    access.group("Sales")
    spec, change = api.get("/openapi.json").json, ask(api, "add_group", three[0])
    address, example = f"/bulk-changes/{change['id']}", spec_example(spec, "BulkChangeIn")
    planned = api.post(f"{address}/preview", spec_example(spec, "PreviewIn"))
    for method, path, answer in (
        ("post", CHANGES, api.post("/bulk-changes", example | {"filter": ""})),
        ("post", CHANGES, api.post("/bulk-changes", example | {"filter": "x=1&status=eaten"})),
        ("get", CHANGES, api.get("/bulk-changes?limit=1")),
        ("post", f"{CHANGE}/preview", planned),
        ("get", CHANGE, api.get(address)),
        ("get", f"{CHANGE}/people", api.get(f"{address}/people?limit=1")),
        ("post", f"{CHANGE}/application", api.post(f"{address}/application", spec_example(spec, "ApplicationIn"))),
        ("post", f"{CHANGE}/application", apply(api, dict(planned.json or {}))),
        ("post", f"{CHANGE}/stop", api.post(f"{address}/stop")),
        ("post", f"{CHANGE}/undo", api.post(f"{address}/undo")),
        ("post", f"{CHANGE}/file", api.post(f"/bulk-changes/{ask(api, 'export', *three)['id']}/file")),
    ):
        check_described(spec, method, path, answer)
