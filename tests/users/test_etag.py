"""The ETag of a user changes with everything that the API shows about them, except the time of a sign-in."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.services import end_grant, end_membership
from webapp.groups.services import delete_group, update_group
from webapp.roles.services import update_role
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(access: Access) -> UserOut:
    return access.person("Антон", email="anton@example.com")


def etag_of(api: Api, user: UserOut) -> str:
    response = api.get(f"/users/{user.id}")
    assert response.headers["ETag"].startswith('W/"')
    return response.headers["ETag"]


def test_groups_and_their_names_change_it(app: App, api: Api, access: Access, anton: UserOut) -> None:
    seen = [etag_of(api, anton)]
    group_id = access.group("Sales")
    membership_id = access.add_member(group_id, anton.id)
    seen.append(etag_of(api, anton))
    with app.app_context():
        update_group(group_id, version=1, name="Sales and support", by=TESTER)
    seen.append(etag_of(api, anton))
    with app.app_context():
        end_membership(membership_id, by=TESTER)
    assert len(set(seen)) == 3
    assert etag_of(api, anton) == seen[0]


def test_a_deleted_group_changes_it(app: App, api: Api, access: Access, anton: UserOut) -> None:
    group_id = access.group("Sales")
    access.add_member(group_id, anton.id)
    before = etag_of(api, anton)
    with app.app_context():
        delete_group(group_id, by=TESTER)
    assert etag_of(api, anton) != before


def test_roles_and_their_names_change_it(app: App, api: Api, access: Access, anton: UserOut) -> None:
    seen = [etag_of(api, anton)]
    role_id = access.role("Reader", "users.read")
    grant_id = access.grant(role_id, user_id=anton.id)
    seen.append(etag_of(api, anton))
    with app.app_context():
        update_role(role_id, version=1, name="Reading", permissions=["users.read"], by=TESTER)
    seen.append(etag_of(api, anton))
    with app.app_context():
        end_grant(grant_id, by=TESTER)
    assert len(set(seen)) == 3
    assert etag_of(api, anton) == seen[0]


def test_a_role_through_a_group_changes_it(api: Api, access: Access, anton: UserOut) -> None:
    group_id = access.group("Sales")
    access.add_member(group_id, anton.id)
    before = etag_of(api, anton)
    access.grant(access.role("Reader", "users.read"), group_id=group_id)
    assert etag_of(api, anton) != before


def test_a_sign_in_does_not_change_it(api: Api, visitor: Browser, anton: UserOut) -> None:
    before = etag_of(api, anton)
    visitor.sign_in("anton@example.com")
    assert api.get(f"/users/{anton.id}").json["last_sign_in_at"] is not None
    assert etag_of(api, anton) == before


def test_if_match_refuses_changes_after_a_group_changed(
    api: Api, access: Access, people: People, anton: UserOut
) -> None:
    headers = {"If-Match": etag_of(api, anton)}
    access.add_member(access.group("Sales"), anton.id)
    before = people.row_counts()
    assert api.patch(f"/users/{anton.id}", {"name": "Later"}, headers=headers).status_code == 412
    assert api.delete(f"/users/{anton.id}", headers=headers).status_code == 412
    assert people.row_counts() == before
    assert people.row(id=anton.id)["version"] == 1
    headers = {"If-Match": etag_of(api, anton)}
    assert api.patch(f"/users/{anton.id}", {"name": "Later"}, headers=headers).status_code == 200


def test_every_answer_about_a_user_has_the_same_etag(api: Api, access: Access, anton: UserOut) -> None:
    access.add_member(access.group("Sales"), anton.id)
    address = f"/users/{anton.id}"
    changes = [
        lambda: api.patch(address, {"name": "Later"}),
        lambda: api.post(address + "/deactivation"),
        lambda: api.delete(address + "/deactivation"),
        lambda: api.delete(address) and api.post(address + "/restoration"),
        lambda: api.post("/users", {"email": "new@example.com", "name": "New"}),
    ]
    for change in changes:
        answer = change()
        assert answer.headers["ETag"] == api.get(f"/users/{answer.json['id']}").headers["ETag"]
