"""The pages of bulk changes: who sees and continues them, and how many statements they take."""

from __future__ import annotations

import re

import pytest

from tests.access_factory import Access
from tests.bulk.conftest import Bulk, status
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK
from webapp.access.services import end_grant
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

NEXT_PAGE = re.compile(r'rel="next"\s+href="([^"]+)"')
UNKNOWN_ID = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


def test_a_requester_who_lost_the_role_cannot_apply(
    app: App, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    requester = access.person("Requester")
    grant = access.grant(HELPDESK, user_id=requester.id)
    browser = access.browser_of(requester)
    bulk_id = bulk.create(browser, "deactivate", *three)
    plan_hash = bulk.plan_hash(browser, bulk_id)
    with app.app_context():
        end_grant(grant, by=TESTER)
    assert browser.post(f"/bulk/{bulk_id}/application", plan=plan_hash).status_code == 403
    # Another role lets them see the page, but not apply the change.
    access.grant(AUDITOR, user_id=requester.id)
    assert browser.post(f"/bulk/{bulk_id}/application", plan=plan_hash).status_code == 403
    assert status(people, *three) == ["active"] * 3


def test_others_can_see_a_bulk_change_but_not_continue_it(
    app: App, owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    plan_hash = bulk.plan_hash(owner, bulk_id)
    admin = access.browser_of(access.person("Admin", roles=[ADMINISTRATOR]))
    helpdesk = access.browser_of(access.person("Help", roles=[HELPDESK]))
    before = people.row_counts()
    assert "Ольга Смирнова" in admin.get(f"/bulk/{bulk_id}").text
    assert helpdesk.get(f"/bulk/{bulk_id}").status_code == 404
    for browser, status_code in ((admin, 403), (helpdesk, 404)):
        for path in ("plan", "application", "stop", "undo"):
            assert browser.post(f"/bulk/{bulk_id}/{path}", plan=plan_hash).status_code == status_code
    assert "Ольга Смирнова" in admin.get("/bulk").text
    assert str(bulk_id) not in helpdesk.get("/bulk").text
    assert people.row_counts() == before


def test_bulk_changes_need_the_csrf_token(owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    before = people.row_counts()
    for path in ("", f"/{bulk_id}/application", f"/{bulk_id}/plan", f"/{bulk_id}/undo", f"/{bulk_id}/stop"):
        data = {"action": "deactivate", "ids": str(three[0].id), "plan": bulk.change(bulk_id).plan_hash}
        assert owner.client.post(f"/bulk{path}", data=data).status_code == 400
    assert people.row_counts() == before


def test_an_unknown_bulk_change_is_not_found(owner: Browser) -> None:
    assert owner.get(f"/bulk/{UNKNOWN_ID}").status_code == 404
    assert owner.post(f"/bulk/{UNKNOWN_ID}/application").status_code == 404


@pytest.mark.both_engines
def test_a_page_of_people_takes_few_statements(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    people.create(name="Zoe")
    bulk_id = bulk.create_for_matches(owner, "deactivate")
    names, address = [], f"/bulk/{bulk_id}?limit=2"
    while address:
        with captured_queries(app) as queries:
            page = owner.get(address).text
        # The viewer, their powers, the bulk change and the page of people. The first page also reads the attributes.
        assert len(queries) <= 5
        names += [
            name for name in ("Anna", "Boris", "Clara", "Zoe", "Ольга") if f"<bdi>{name}" in page.split("<main")[1]
        ]
        match = NEXT_PAGE.search(page)
        address = match[1].replace("&amp;", "&") if match else ""
    assert names == ["Anna", "Boris", "Clara", "Zoe", "Ольга"]
    assert "Anna" in owner.get(f"/bulk/{bulk_id}?outcome=change").text
    assert owner.get(f"/bulk/{bulk_id}?outcome=wrong").status_code == 400


def test_the_list_of_bulk_changes_has_pages(app: App, owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    assert "No bulk changes yet" in owner.get("/bulk").text
    ids = [bulk.create(owner, "deactivate", *three) for _number in range(3)]
    with captured_queries(app) as queries:
        page = owner.get("/bulk?limit=2").text
    assert len(queries) <= 5
    assert [str(bulk_id) in page for bulk_id in ids] == [False, True, True]
