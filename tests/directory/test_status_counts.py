"""The counts of the row of statuses, which the list loads after it is shown."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.bin.services import delete_user
from webapp.db.session import db
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def counts(browser: Browser, query: str = "") -> dict[str, str]:
    page = browser.get(f"/users/status-counts?{query}")
    assert page.status_code == 200
    return dict(re.findall(r'data-status="(\w*)"><span class="num" aria-hidden="true">([^<]+)<', page.text))


@pytest.fixture(autouse=True)
def crowd(app: App, people: People) -> None:
    made = [people.create(name=f"Anna {number}") for number in range(4)]
    with app.app_context():
        deactivate_user(made[0].id, by=TESTER)
        delete_user(made[1].id, by=TESTER)


def test_each_status_is_counted_with_the_other_filters(owner: Browser) -> None:
    everyone = {"": "4", "active": "1", "invited": "2", "deactivated": "1", "deleted": "1"}
    assert counts(owner) == counts(owner, "status=active,deleted&sort=-name") == everyone
    assert counts(owner, "q=anna") == everyone | {"": "3", "active": "0"}
    assert counts(owner, "created=yesterday") == dict.fromkeys(everyone, "0")


def test_large_counts_are_bounded_or_those_of_the_dashboard(
    app: App, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("webapp.lists.count", "webapp.directory.status_counts"):
        monkeypatch.setattr(f"{module}.COUNT_BOUND", 1)
    assert counts(owner)["invited"] == "1+"
    with app.app_context():
        db.session.execute(text("DELETE FROM figures"))
        insert = text("INSERT INTO figures (name, value, at) VALUES (:name, :value, '2026-01-01 00:00:00')")
        for name, value in (("active", 1), ("invited", 7_200), ("deactivated", 1)):
            db.session.execute(insert, {"name": f"people.status.{name}", "value": value})
        db.session.commit()
    assert (counts(owner)["invited"], counts(owner)[""]) == ("7,200", "7,202")
    assert counts(owner, "q=anna")["invited"] == "1+"


def test_viewers_count_only_people_they_can_see(access: Access) -> None:
    north = access.group("North")
    reader = access.person("Reader")
    access.grant(access.role("Reader", "users.read"), user_id=reader.id, scope_id=north)
    access.add_member(north, reader.id)
    assert counts(access.browser_of(reader))[""] == "1"


def test_a_search_that_is_not_understood_has_no_counts(owner: Browser) -> None:
    assert counts(owner, "q=status:nope") == counts(owner, "q=-anna") == {}
    assert owner.get("/users/status-counts?role=King").status_code == 400
