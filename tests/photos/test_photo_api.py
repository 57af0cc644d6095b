"""Photos in the JSON API."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import People
from tests.photos.pictures import picture
from webapp.core.permissions import Permission
from webapp.photos.schemas import PhotoIn
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def encoded(content: bytes) -> dict[str, str]:
    return {"content": base64.b64encode(content).decode()}


def put(api: Api, path: str, body: Any) -> Any:
    return api.client.put("/api/v1" + path, json=body, headers=api.headers)


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna")


def test_a_photo_is_set_shown_and_removed(api: Api, anna: UserOut) -> None:
    path = f"/users/{anna.id}/photo"
    assert api.get(path).status_code == 404
    saved = put(api, path, encoded(picture()))
    assert (saved.status_code, set(saved.json)) == (200, {"digest", "created_at"})
    shown = api.get(path)
    assert (shown.content_type, shown.headers["ETag"]) == ("image/webp", f'"{saved.json["digest"]}"')
    assert put(api, path, encoded(picture())).json == saved.json
    api.headers = api.headers | {"If-None-Match": shown.headers["ETag"]}
    assert api.get(path).status_code == 304
    assert [api.delete(path).status_code for _time in range(2)] == [204, 204]
    assert api.get(path).status_code == 404


def test_a_large_picture_is_accepted(api: Api, anna: UserOut) -> None:
    large = picture("PNG", size=(2000, 1000), compress_level=0)
    assert len(large) > 5_000_000
    assert put(api, f"/users/{anna.id}/photo", encoded(large)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"content": ""}, 422), ({"content": "###"}, 422), ({"content": None}, 422), ({"content": 1}, 422),
     ({"content": "QUJD"}, 422), ({"content": "QUJD", "more": 1}, 422), ([], 422),
     ({"content": "A" * 12 * 1024 * 1024}, 413)],
)  # fmt: skip
def test_other_bodies_are_refused(api: Api, anna: UserOut, people: People, body: Any, status: int) -> None:
    counts = people.row_counts()
    response = put(api, f"/users/{anna.id}/photo", body)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert people.row_counts() == counts


def test_a_refused_picture_says_why(api: Api, anna: UserOut) -> None:
    response = put(api, f"/users/{anna.id}/photo", encoded(b"GIF89a"))
    assert [(error["field"], error["code"]) for error in response.json["errors"]] == [("content", "unknown_format")]


def test_the_example_of_the_description_works(api: Api, anna: UserOut) -> None:
    assert (
        put(api, f"/users/{anna.id}/photo", PhotoIn.model_config["json_schema_extra"]["examples"][0]).status_code == 200
    )


def test_a_token_without_permission_is_refused(app: App, access: Access, people: People, anna: UserOut) -> None:
    reader = access.person("Reader", roles=[access.role("Reader", Permission.USERS_READ)])
    api = Api(app, people.token_for(reader))
    counts = people.row_counts()
    assert put(api, f"/users/{anna.id}/photo", encoded(picture())).status_code == 403
    # Also their own: pages let people change it, limited tokens do not.
    assert put(api, f"/users/{reader.id}/photo", encoded(picture())).status_code == 403
    assert api.delete(f"/users/{anna.id}/photo").status_code == 403
    assert people.row_counts() == counts
