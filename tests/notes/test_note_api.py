"""Notes in the JSON API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import People
from webapp.core.permissions import Permission
from webapp.notes.models import NOTE_MAX
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna")


def test_notes_are_added_shown_changed_and_deleted(api: Api, anna: UserOut, people: People) -> None:
    path = f"/users/{anna.id}/notes"
    created = api.post(path, {"text": "First\nline"})
    assert created.status_code == 201
    own = created.headers["Location"].removeprefix("/api/v1")
    shown = api.get(own)
    assert shown.json == created.json
    assert (shown.json["text"], shown.json["author_id"]) == ("First\nline", str(people.owner().id))
    assert api.get(path).json["items"] == [created.json]
    stale = {"If-Match": 'W/"0"'}
    assert api.patch(own, {"text": "Second"}, headers=stale).status_code == 412
    changed = api.patch(own, {"text": "Second"}, headers={"If-Match": shown.headers["ETag"]})
    assert (changed.status_code, changed.json["text"], changed.json["version"]) == (200, "Second", 2)
    assert api.patch(own, {}).json == changed.json
    assert api.delete(own, headers=stale).status_code == 412
    assert [api.delete(own).status_code, api.get(own).status_code] == [204, 404]
    assert [action for action, _changes in people.audit_trail(anna.id)][-3:] == [
        "note.added", "note.updated", "note.deleted"]  # fmt: skip


def test_a_repeated_request_adds_one_note(api: Api, anna: UserOut) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = (api.post(f"/users/{anna.id}/notes", {"text": "Once"}, headers=key) for _time in range(2))
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert api.get(f"/users/{anna.id}/notes").json["count"] == {"value": 1, "exact": True}


def test_notes_are_paged(api: Api, anna: UserOut) -> None:
    path = f"/users/{anna.id}/notes"
    for number in range(3):
        api.post(path, {"text": f"Note {number}"})
    first = api.get(f"{path}?limit=2")
    assert [note["text"] for note in first.json["items"]] == ["Note 2", "Note 1"]
    assert 'rel="next"' in first.headers["Link"]
    assert [note["text"] for note in api.get(f"{path}?after={first.json['next']}").json["items"]] == ["Note 0"]
    assert api.get(f"{path}?sort=age").status_code == 400


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": " \n "}, {"text": None}, {"text": 1}, {"text": "x" * (NOTE_MAX + 1)},
     {"text": "\u0000"}, {"text": "a\u202eb"}, {"text": "a", "author_id": None}, ["a"]],
)  # fmt: skip
def test_other_bodies_are_refused(api: Api, anna: UserOut, people: People, body: Any) -> None:
    counts = people.row_counts()
    response = api.post(f"/users/{anna.id}/notes", body)
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert people.row_counts() == counts


def test_notes_about_oneself_and_of_others_are_refused(
    app: App, access: Access, api: Api, people: People, anna: UserOut
) -> None:
    own = api.post(f"/users/{anna.id}/notes", {"text": "By the owner"}).headers["Location"].removeprefix("/api/v1")
    role = access.role("Editor", Permission.USERS_READ, Permission.USERS_EDIT)
    editor = access.person("Editor", roles=[role])
    reader = access.person("Reader", roles=[access.role("Reader", Permission.USERS_READ)])
    other, reads = Api(app, people.token_for(editor)), Api(app, people.token_for(reader))
    counts = people.row_counts()
    assert other.get(own).status_code == 200
    assert other.patch(own, {"text": "Changed"}).status_code == 403
    assert other.delete(own).status_code == 403
    assert other.post(f"/users/{editor.id}/notes", {"text": "About me"}).status_code == 403
    assert other.get(f"/users/{editor.id}/notes").status_code == 403
    assert reads.get(own).status_code == 403
    assert people.row_counts() == counts
