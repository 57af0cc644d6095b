"""Programs undo changes, and read the changes of one user."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.api_description import check_described
from tests.api_tokens.tokens import Tokens
from tests.clients import Api
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK
from webapp.attributes.services import create_attribute
from webapp.audit.queries import latest_records_of
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ACTIVITY, UNDO = "/api/v1/users/{user_id}/activity", "/api/v1/audit-records/{record_id}/undo"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna", email="anna@example.com", password=people.password)


def rename(app: App, user: UserOut, **values: object) -> UUID:
    """Change a user, and return the ID of the record."""
    with app.app_context():
        update_user(user.id, by=TESTER, **(values or {"name": "Anna B"}))
        return latest_records_of(user.id, 1)[0].id


def test_a_change_is_undone_once(app: App, api: Api, people: People, anna: UserOut) -> None:
    record, key = rename(app, anna), {"Idempotency-Key": "a"}
    answers = [api.post(f"/audit-records/{record}/undo", headers=key) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert people.row(id=anna.id)["name"] == "Anna"
    undone = api.get(answers[0].headers["Location"].removeprefix("/api/v1")).json
    assert (undone["id"], undone["undoes_id"]) == (answers[1].json["record_id"], str(record))
    before = people.row_counts()
    assert api.post(f"/audit-records/{record}/undo").status_code == 409
    assert people.row_counts() == before


def test_a_later_change_is_kept(app: App, api: Api, people: People, anna: UserOut) -> None:
    record = rename(app, anna)
    rename(app, anna, name="Anna C")
    before = people.row_counts()
    assert api.post(f"/audit-records/{record}/undo").status_code == 409
    assert (people.row_counts(), people.row(id=anna.id)["name"]) == (before, "Anna C")


def test_undo_takes_the_permission_of_the_change(app: App, people: People, access: Access, anna: UserOut) -> None:
    record = rename(app, anna)
    auditor = Api(app, people.token_for(access.person("Boris", roles=[AUDITOR])))
    limited, _id = Tokens(app).create(people.owner(), "audit.read")
    member = Api(app, people.token_for(access.person("Member")))
    before = people.row_counts()
    for caller in (auditor, limited, member):
        assert caller.post(f"/audit-records/{record}/undo").status_code == 403
    assert member.post(f"/audit-records/{uuid4()}/undo").status_code == 404
    assert people.row_counts() == before


def test_a_limited_token_undoes_no_change_of_its_own_owner(app: App, people: People, access: Access) -> None:
    boris = access.person("Boris", roles=[ADMINISTRATOR])
    record = rename(app, boris, name="Bob")
    limited, _id = Tokens(app).create(boris, "users.read")
    before = people.row_counts()
    assert limited.post(f"/audit-records/{record}/undo").status_code == 403
    assert people.row_counts() == before


def test_what_cannot_be_undone_is_400(api: Api, people: People, anna: UserOut) -> None:
    assert api.post(f"/users/{anna.id}/password-reset").status_code == 204
    record = api.get("/audit-records?limit=1").json["items"][0]
    before = people.row_counts()
    assert api.post(f"/audit-records/{record['id']}/undo").status_code == 400
    assert people.row_counts() == before


def test_the_activity_of_a_user_hides_what_the_caller_may_not_see(
    app: App, people: People, access: Access, anna: UserOut
) -> None:
    with app.app_context():
        create_attribute(
            key="salary", label_en="Salary", visible_to="administrators", editable_by="administrators", by=TESTER
        )
    rename(app, anna, name="Anna B", attributes={"salary": "1"})
    helper = Api(app, people.token_for(access.person("Eva", roles=[HELPDESK])))
    body = helper.get(f"/users/{anna.id}/activity?limit=1").json
    assert (body["items"][0]["changes"], body["count"]["value"]) == ({"name": ["Anna", "Anna B"]}, 2)
    assert body["items"][0]["actor"] == TESTER.label
    assert helper.get(f"/users/{anna.id}/activity?after={body['next']}").json["items"][0]["action"] == "user.created"


def test_the_activity_of_people_outside_the_reach_is_not_found(
    app: App, people: People, access: Access, anna: UserOut
) -> None:
    boris = access.person("Boris")
    access.grant(HELPDESK, user_id=boris.id, scope_id=access.group("North"))
    scoped = Api(app, people.token_for(boris))
    assert scoped.get(f"/users/{anna.id}/activity").status_code == 404


@pytest.mark.both_engines
def test_the_activity_takes_as_many_statements_for_one_record_as_for_many(app: App, api: Api, anna: UserOut) -> None:
    rename(app, anna)
    counts = []
    for limit in (1, 10):
        api.get(f"/users/{anna.id}/activity?limit={limit}")
        with captured_queries(app) as seen:
            api.get(f"/users/{anna.id}/activity?limit={limit}")
        counts.append(len(seen))
    # The token with its owner and their permissions, the user, the records with their count, and the last archive.
    assert counts == [4, 4]


def test_answers_are_as_described(app: App, api: Api, anna: UserOut) -> None:
    spec, record = api.get("/openapi.json").json, rename(app, anna)
    for method, path, answer in (
        ("get", ACTIVITY, api.get(f"/users/{anna.id}/activity?limit=1")),
        ("post", UNDO, api.post(f"/audit-records/{record}/undo")),
        ("post", UNDO, api.post(f"/audit-records/{record}/undo")),
    ):
        check_described(spec, method, path, answer)
