"""Create a user with POST /api/v1/users."""

from uuid import UUID

import pytest
from werkzeug.security import check_password_hash

from tests.clients import Api
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANTON = {"email": "anton@example.com", "name": "Антон Иванов", "username": "anton", "password": "перекличка в полдень"}


def test_the_response_is_201_with_the_user(api: Api) -> None:
    response = api.post("/users", ANTON)
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/users/{response.json['id']}"
    assert response.json["email"] == "anton@example.com"
    assert response.json["status"] == "active"
    assert not {"password", "password_hash"} & set(response.json)


def test_the_user_is_saved(api: Api, people: People) -> None:
    api.post("/users", ANTON)
    row = people.row(email="anton@example.com")
    assert row is not None
    assert (row["username"], row["name"]) == ("anton", "Антон Иванов")


def test_a_missing_required_field_is_422(api: Api, people: People) -> None:
    before = people.row_counts()
    response = api.post("/users", {"name": "Антон Иванов"})
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert [error["field"] for error in response.json["errors"]] == ["email"]
    assert people.row_counts() == before


def test_only_a_hash_of_the_password_is_stored(api: Api, people: People) -> None:
    api.post("/users", ANTON)
    stored = people.row(email="anton@example.com")["password_hash"]
    assert stored.startswith("scrypt:")
    assert ANTON["password"] not in stored
    assert check_password_hash(stored, ANTON["password"])


def test_the_audit_record_does_not_contain_the_password(api: Api, people: People) -> None:
    user_id = UUID(api.post("/users", ANTON).json["id"])
    ((action, changes),) = people.audit_trail(user_id)
    assert action == "user.created"
    assert changes["name"] == [None, "Антон Иванов"]
    assert changes["password"] == [None, "changed"]
    assert ANTON["password"] not in str(changes)


@pytest.mark.both_engines
def test_another_spelling_of_an_address_in_use_is_409(api: Api, people: People) -> None:
    api.post("/users", ANTON)
    before = people.row_counts()
    response = api.post("/users", ANTON | {"email": "ANTON@Example.COM", "username": "other"})
    assert response.status_code == 409
    assert response.json["errors"][0] | {"message": ""} == {"field": "email", "code": "taken", "message": ""}
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_a_username_in_use_is_409(api: Api) -> None:
    api.post("/users", ANTON)
    response = api.post("/users", ANTON | {"email": "other@example.com", "username": "ANTON"})
    assert response.status_code == 409
    assert response.json["errors"][0]["field"] == "username"


def test_a_weak_password_is_422_and_not_repeated(api: Api) -> None:
    response = api.post("/users", ANTON | {"password": "swordfish"})
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "password"
    assert "swordfish" not in response.text


def test_an_unknown_field_is_422(api: Api) -> None:
    response = api.post("/users", ANTON | {"is_admin": True})
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "is_admin")


def test_malformed_json_is_400(api: Api) -> None:
    response = api.post("/users", data='{"email": ', content_type="application/json")
    assert (response.status_code, response.content_type) == (400, "application/problem+json")


def test_deeply_nested_json_is_400(api: Api) -> None:
    assert api.post("/users", data="[" * 200_000, content_type="application/json").status_code == 400


def test_a_body_that_is_not_json_is_415(api: Api) -> None:
    assert api.post("/users", data="email=a@example.com", content_type="text/plain").status_code == 415


def test_a_request_without_token_is_401(app: App, people: People) -> None:
    response = app.test_client().post("/api/v1/users", json=ANTON)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert people.count() == 0


def test_a_token_without_the_permission_is_403(app: App, people: People) -> None:
    member = people.create(password=people.password)
    response = Api(app, people.token_for(member)).post("/users", ANTON)
    assert response.status_code == 403
    assert people.count() == 1


def test_a_session_cookie_does_not_authenticate_api_requests(owner: object, people: People) -> None:
    response = owner.client.post("/api/v1/users", json=ANTON)
    assert response.status_code == 401
    assert people.count() == 1


def test_a_problem_contains_the_request_id(api: Api) -> None:
    response = api.post("/users", {})
    assert response.json["request_id"] == response.headers["X-Request-ID"]


def test_an_empty_password_is_422(api: Api, people: People) -> None:
    response = api.post("/users", ANTON | {"password": ""})
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "password")
    assert people.count() == 1


def test_invalid_preferences_are_reported_with_other_problems(api: Api) -> None:
    response = api.post("/users", {"email": "nope", "name": "A", "locale": "xx", "timezone": "Moon/Base"})
    assert [error["field"] for error in response.json["errors"]] == ["email", "locale", "timezone"]
