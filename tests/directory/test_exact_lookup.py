"""Programs find one person by exactly the e-mail address, username or unique attribute that they know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access_factory import Access
from tests.api_tokens.tokens import Tokens, code_of
from tests.attributes.conftest import Catalogue
from tests.clients import Api
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.bin.services import delete_user
from webapp.web.api import App


@pytest.fixture
def catalogue(app: App, people: People) -> Catalogue:
    return Catalogue(app, people)


def found(api: Api, **parameters: str) -> list[str]:
    response = api.get("/users", query_string=parameters)
    assert response.status_code == 200, response.json
    return [user["name"] for user in dict(response.json or {})["items"]]


def test_a_person_is_found_by_the_whole_address_or_username_only(api: Api, people: People) -> None:
    people.create(name="Anna", email="anna@example.com", username="anna")
    people.create(name="Anna B", email="anna.b@example.com", username="anna.b")
    assert found(api, email="ANNA@Example.com") == found(api, username="Anna") == ["Anna"]
    assert found(api, email="anna@example.org") == found(api, username="ann") == []
    assert found(api, email="anna@example.com", username="anna.b") == []
    assert found(api, email="anna@example.com", q="boris") == []


def test_a_unique_attribute_finds_one_person_also_among_similar_values(
    api: Api, people: People, catalogue: Catalogue
) -> None:
    catalogue.define("code", unique=True)
    catalogue.define("number", "number", unique=True)
    people.create(name="Anna", attributes={"code": "Ёлка", "number": 7})
    people.create(name="Boris", attributes={"code": "Елка", "number": 8})
    assert found(api, **{"attr.code": "ЁЛКА"}) == ["Anna"]
    assert found(api, **{"attr.code": "елка"}) == ["Boris"]
    assert found(api, **{"attr.number": "7"}) == ["Anna"]
    assert found(api, **{"attr.number": "7..8"}) == ["Anna", "Boris"]
    assert found(api, **{"attr.number": "none"}) == ["Ольга Смирнова"]


def test_deleted_people_are_found_only_with_their_status(
    app: App, api: Api, people: People, catalogue: Catalogue
) -> None:
    catalogue.define("code", unique=True)
    anna = people.create(name="Anna", email="anna@example.com", username="anna", attributes={"code": "A 7"})
    with app.app_context():
        delete_user(anna.id, by=TESTER)
    known: list[dict[str, Any]] = [{"email": "anna@example.com"}, {"username": "anna"}, {"attr.code": "a 7"}]
    for parameters in known:
        assert found(api, **parameters) == []
        assert found(api, **parameters, status="deleted") == ["Anna"]


def test_people_outside_the_reach_are_not_found(app: App, people: People, access: Access) -> None:
    reader, north = access.person("Reader"), access.group("North")
    people.create(name="Anna", email="anna@example.com", username="anna")
    access.grant(access.role("Readers", "users.read"), user_id=reader.id, scope_id=north)
    api, _id = Tokens(app).create(reader)
    assert found(api, email="anna@example.com") == found(api, username="anna") == []


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("email", ""),
        ("email", "anna"),
        ("email", "a b@example.com"),
        ("email", "a\x00@example.com"),
        ("email", "\u202eanna@example.com"),
        ("email", "x" * 300 + "@example.com"),
        ("username", ""),
        ("username", "anna@example.com"),
        ("username", "x" * 300),
        ("username", "\U0001f600"),
        ("attr.code", ""),
        ("attr.code", "\x00"),
        ("attr.number", "seven"),
        ("attr.nothing", "7"),
    ],
)
def test_what_is_not_understood_never_means_everyone(
    api: Api, catalogue: Catalogue, parameter: str, value: str
) -> None:
    catalogue.define("code", unique=True)
    catalogue.define("number", "number", unique=True)
    response = api.get("/users", query_string={parameter: value})
    assert response.status_code == 400
    assert code_of(response)


def test_a_lookup_takes_as_many_statements_as_a_list(app: App, api: Api, people: People) -> None:
    people.create(name="Anna", email="anna@example.com")
    counts = []
    for query in ("status=active", "email=anna@example.com"):
        api.get("/users?" + query)
        with captured_queries(app) as seen:
            api.get("/users?" + query)
        counts.append(len(seen))
    assert counts[1] <= counts[0] + 1


@pytest.mark.one_engine
def test_the_description_names_the_lookups(api: Api) -> None:
    parameters = dict(api.get("/openapi.json").json or {})["paths"]["/api/v1/users"]["get"]["parameters"]
    assert {"email", "username", "attr.KEY"} <= {parameter["name"] for parameter in parameters}
