"""Every permission that the form of roles offers is required by some request, and allows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.bin.services import delete_user
from webapp.core.permissions import Permission
from webapp.jobs.services import enqueue
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
REFUSED = {403, 404}


@dataclass(frozen=True)
class Scene:
    """The objects of the requests: a user, a deleted user, and a job of another user."""

    browser: Browser
    anna: UserOut
    deleted: UserOut
    job_id: UUID

    def edit(self, **changes: Any) -> TestResponse:
        form = {"name": self.anna.name, "email": self.anna.email, "version": self.anna.version}
        return self.browser.post(f"/users/{self.anna.id}", **form | changes)


Request = Callable[[Scene], TestResponse]
VIEW = {"name": "New people", "address": "status=active", "shared": "y"}
REQUESTS: dict[str, Request] = {
    "users.read": lambda scene: scene.browser.get(f"/users/{scene.anna.id}"),
    "users.create": lambda scene: scene.browser.post("/users", name="New", email="new@example.com"),
    "users.edit": lambda scene: scene.edit(name="Renamed"),
    "users.reset": lambda scene: scene.edit(password="another long password"),
    "users.deactivate": lambda scene: scene.browser.post(f"/users/{scene.anna.id}/deactivation"),
    "users.delete": lambda scene: scene.browser.post(f"/users/{scene.anna.id}/deletion"),
    "users.purge": lambda scene: scene.browser.post(f"/users/{scene.deleted.id}/erasure", email=scene.deleted.email),
    "users.export": lambda scene: scene.browser.post("/bulk", action="export", ids=str(scene.anna.id)),
    "views.share": lambda scene: scene.browser.post("/views", **VIEW),
    "groups.manage": lambda scene: scene.browser.post("/groups", name="North"),
    "roles.grant": lambda scene: scene.browser.get("/roles"),
    "roles.manage": lambda scene: scene.browser.post("/roles", name="New", permissions=["users.read"]),
    "imports.run": lambda scene: scene.browser.get("/imports"),
    "audit.read": lambda scene: scene.browser.get("/audit"),
    "tokens.manage": lambda scene: scene.browser.get("/settings/tokens"),
    "webhooks.manage": lambda scene: scene.browser.get("/settings/webhooks"),
    "jobs.read": lambda scene: scene.browser.get(f"/jobs/{scene.job_id}"),
    "jobs.manage": lambda scene: scene.browser.post("/jobs/schedules/jobs.purge/pause"),
    "settings.manage": lambda scene: scene.browser.get("/settings/attributes/new"),
}


def offered(browser: Browser, address: str) -> set[str]:
    """Return the permissions that a form of roles has checkboxes for."""
    return set(re.findall(r'name="permissions"\s+value="([\w.]+)"', browser.get(address).text))


@pytest.fixture
def scene(app: App, access: Access, people: People) -> Callable[..., Scene]:
    def set_up(*permissions: str) -> Scene:
        somebody, deleted = access.person("Somebody"), people.create(name="Deleted")
        access.grant(access.role("Tested", *permissions), user_id=somebody.id)
        with app.app_context():
            delete_user(deleted.id, by=TESTER)
            job_id = enqueue("test.count", by=TESTER, steps=4).id
        return Scene(access.browser_of(somebody), people.create(name="Anna"), deleted, job_id)

    return set_up


def test_the_form_offers_every_permission_that_is_used(owner: Browser) -> None:
    assert offered(owner, "/roles/new") == {str(each) for each in Permission} == set(REQUESTS)


@pytest.mark.parametrize("permission", REQUESTS)
def test_every_offered_permission_is_required_by_a_request(
    scene: Callable[..., Scene], people: People, permission: str
) -> None:
    without = scene(*(set(REQUESTS) - {permission}))
    before, row = people.row_counts(), people.row(id=without.anna.id)
    response = REQUESTS[permission](without)
    assert response.status_code in REFUSED or "do not let you" in response.text or "cannot share" in response.text
    assert (people.row_counts(), people.row(id=without.anna.id)) == (before, row)


@pytest.mark.parametrize("permission", REQUESTS)
def test_every_offered_permission_allows_its_request(scene: Callable[..., Scene], permission: str) -> None:
    assert REQUESTS[permission](scene(*REQUESTS)).status_code in {200, 303}
