"""ETags, HEAD, OPTIONS and the limit of requests in the headers of the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR
from webapp.attributes.services import create_attribute
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def addresses(app: App, api: Api, access: Access, people: People) -> list[str]:
    """One address of each kind of resource that has a version."""
    anna = people.create()
    with app.app_context():
        attribute = create_attribute(key="office", label_en="Office", by=TESTER)
    note = api.post(f"/users/{anna.id}/notes", {"text": "Knows the plan"}).json["id"]
    group = access.group("North")
    ids = (f"users/{anna.id}", f"groups/{group}", f"roles/{AUDITOR}", f"attributes/{attribute.id}")
    return [*(f"/{each}" for each in ids), f"/users/{anna.id}/notes/{note}"]


def test_if_none_match_is_304_until_the_resource_changes(api: Api, addresses: list[str]) -> None:
    for address in addresses:
        first = api.get(address)
        tag = first.headers["ETag"]
        for sent in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = api.client.get("/api/v1" + address, headers=api.headers | {"If-None-Match": sent})
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag), address
        other = api.client.get("/api/v1" + address, headers=api.headers | {"If-None-Match": '"old"'})
        assert (other.status_code, other.json) == (200, first.json)


def test_every_resource_with_a_version_has_an_etag(app: App) -> None:
    for path, item in app.description["paths"].items():
        responses = item.get("get", {}).get("responses", {})
        if "ETag" in responses.get("200", {}).get("headers", {}) and "photo" not in path:
            assert "304" in responses, path
            assert "412" in item.get("patch", item.get("delete", {})).get("responses", {}), path


def test_a_changed_user_is_sent_again(api: Api, people: People) -> None:
    path = f"/users/{people.create().id}"
    old = api.get(path).headers["ETag"]
    api.patch(path, {"name": "Changed"})
    again = api.client.get(f"/api/v1{path}", headers=api.headers | {"If-None-Match": old})
    assert (again.status_code, again.json["name"]) == (200, "Changed")


def test_what_expand_adds_is_never_304(api: Api, people: People) -> None:
    path = f"/users/{people.create().id}?expand=groups"
    tag = api.get(path).headers["ETag"]
    again = api.client.get(f"/api/v1{path}", headers=api.headers | {"If-None-Match": tag})
    assert again.status_code == 200


def test_head_is_get_without_a_body(api: Api, addresses: list[str]) -> None:
    for address in (*addresses, "/users", "/me", "/events"):
        head = api.client.head("/api/v1" + address, headers=api.headers)
        assert (head.status_code, head.data) == (200, b""), address
        assert head.headers.get("ETag") == api.get(address).headers.get("ETag")
    assert api.client.head("/api/v1/users").status_code == 401


def test_options_lists_the_methods(api: Api, people: People) -> None:
    for address, methods in (
        ("/users", {"GET", "HEAD", "OPTIONS", "POST"}),
        (f"/users/{people.create().id}", {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}),
        ("/users/batch", {"OPTIONS", "POST"}),
    ):
        answer = api.client.options("/api/v1" + address, headers=api.headers)
        assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (200, methods)


def test_pages_of_a_list_are_linked(api: Api, people: People) -> None:
    for _number in range(3):
        people.create()
    first = api.get("/users?limit=2&fields=id")
    assert 'rel="next"' in first.headers["Link"]
    second = api.get(f"/users?limit=2&fields=id&after={first.json['next']}")
    assert 'rel="prev"' in ", ".join(second.headers.getlist("Link"))


def test_the_headers_say_how_many_requests_are_left(app_with: Callable[..., App], people: People) -> None:
    api = Api(app_with(API_LIMIT="3/minute"), people.token_for(people.owner()))
    answers = [api.get("/me") for _call in range(4)]
    assert [answer.headers["RateLimit-Policy"] for answer in answers] == ['"api";q=3;w=60'] * 4
    left = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
    assert left == ["r=2", "r=1", "r=0", "r=0"]
    assert (answers[3].status_code, answers[3].json["type"]) == (429, "/api/docs#problem-too_many_requests")
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 61
