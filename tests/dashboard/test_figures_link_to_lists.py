"""Each figure of the dashboard links to the list of what it counts, which has as many rows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Browser
from tests.dashboard.conftest import CreateUserAt, Jobs
from tests.factories import TESTER
from webapp.access.models import HELPDESK
from webapp.bin.services import delete_user
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

# A Wednesday, 01:30 of the next day in Asia/Tokyo.
NOW = datetime(2030, 5, 15, 16, 30, tzinfo=UTC)
LONG_AGO = datetime(2027, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(params=["UTC", "Asia/Tokyo"])
def page(request: pytest.FixtureRequest, owner: Browser) -> Browser:
    owner.post("/account/preferences", timezone=request.param, locale="en", theme="light")
    return owner


def linked(page: Browser, pattern: str) -> tuple[str, str]:
    """Return the address and the text of the first link of the dashboard whose address contains the text."""
    found = re.search(rf'<a href="([^"]*{pattern}[^"]*)">\s*([^<]+)</a>', page.get("/").text)
    assert found, pattern
    return html.unescape(found[1]), found[2].strip()


def names(page: Browser, address: str) -> set[str]:
    response = page.get(address)
    assert response.status_code == 200, response.text
    return set(re.findall(r"Person \w+", response.text))


def test_new_people_link_to_those_created_in_the_period(app: App, page: Browser, create_user_at: CreateUserAt) -> None:
    create_user_at(LONG_AGO, name="Person Old")
    create_user_at(NOW - 5 * DAY, name="Person New")
    deleted = create_user_at(NOW - 5 * DAY, name="Person Deleted")
    with app.app_context():
        delete_user(deleted, by=TESTER)
    address, text = linked(page, "created=2029")
    assert names(page, address) == {"Person New", "Person Deleted"}
    # The owner is new, too.
    assert text == "3"


def test_deactivated_people_link_to_the_audit_trail(app: App, page: Browser, create_user_at: CreateUserAt) -> None:
    with app.app_context():
        deactivate_user(create_user_at(LONG_AGO, name="Person Off"), by=TESTER)
    address, text = linked(page, "user.deactivated")
    assert text == "1"
    assert "Person Off" in page.get(address).text


def test_dormant_people_link_to_the_same_people(page: Browser, create_user_at: CreateUserAt) -> None:
    create_user_at(LONG_AGO, name="Person Never")
    create_user_at(LONG_AGO, name="Person Away", last_sign_in_at=NOW - 91 * DAY)
    create_user_at(LONG_AGO, name="Person Here", last_sign_in_at=NOW - 88 * DAY)
    create_user_at(NOW - 20 * DAY, name="Person New")
    address, text = linked(page, "last_sign_in=never")
    assert text == "2 people have not signed in for 90 days."
    assert names(page, address) == {"Person Never", "Person Away"}


def test_the_report_lists_the_dormant_people_of_the_dashboard(
    page: Browser, create_user_at: CreateUserAt, jobs: Jobs
) -> None:
    # In Asia/Tokyo, this was on the day before.
    create_user_at(LONG_AGO, name="Person Away", last_sign_in_at=datetime(2030, 2, 15, 6, tzinfo=UTC))
    create_user_at(LONG_AGO, name="Person Never")
    _address, text = linked(page, "last_sign_in=never")
    job_id = UUID(page.post("/reports/dormant").location.removeprefix("/jobs/"))
    assert text.startswith(str(jobs.work_on(job_id).result["people"]))
    name, _type, _content = jobs.file(job_id)
    assert name == ("dormant-2030-05-15.csv" if text.startswith("1") else "dormant-2030-05-16.csv")


def test_people_who_cannot_read_the_audit_trail_get_no_links_to_it(
    app: App, access: Access, create_user_at: CreateUserAt
) -> None:
    helper = access.person("Helper")
    access.grant(HELPDESK, user_id=helper.id)
    with app.app_context():
        deactivate_user(create_user_at(LONG_AGO, name="Person Off"), by=TESTER)
    page = access.browser_of(helper).get("/").text
    assert "1 deactivated" in page
    assert "/audit" not in page
