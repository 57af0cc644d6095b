"""From the preview back to the list: the filter and the selection are kept."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.access_factory import Access
from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import OWNER
from webapp.bulk.models import BulkChange
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

BACK = re.compile(r'href="([^"]+)">Back to list<')
BOX = re.compile(r'<input type="checkbox"\s+name="ids"[^>]*?value="([^"]+)"([^>]*)>')
OTHERS = re.compile(r'<input type="hidden" name="ids" value="([^"]+)">')
NOTE = "on other pages."


def list_address(browser: Browser, bulk_id: UUID) -> str:
    """Return where the preview leads back to."""
    found = BACK.search(browser.get(f"/bulk/{bulk_id}").text)
    assert found
    return html.unescape(found[1])


def ticked(page: str) -> set[str]:
    return {user_id for user_id, rest in BOX.findall(page) if " checked" in rest}


def ids(*people: UserOut) -> set[str]:
    return {str(person.id) for person in people}


def test_the_selection_is_ticked_in_the_same_list(owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    anna, _boris, clara = three
    address = list_address(owner, bulk.create(owner, "deactivate", anna, clara, view="status=active&sort=-created"))
    assert address.startswith("/users?status=active&sort=-created&")
    page = owner.get(address).text
    assert ticked(page) == ids(anna, clara)
    assert (OTHERS.findall(page), NOTE in page) == ([], False)


def test_an_action_that_needs_an_argument_keeps_the_selection(owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "add_role", three[0])
    assert ticked(owner.get(list_address(owner, bulk_id)).text) == ids(three[0])


def test_people_of_other_pages_stay_selected(owner: Browser, bulk: Bulk, people: People) -> None:
    many = people.create_many(27, name="Multitude")
    first, last = many[0], many[-1]
    view = "q=multitude&limit=25"
    page = owner.get(list_address(owner, bulk.create(owner, "deactivate", first, last, view=view))).text
    assert (ticked(page), set(OTHERS.findall(page))) == (ids(first), ids(last))
    assert "1 more person is selected on other pages." in page
    following = re.search(r'rel="next"\s+href="([^"]+)"', page)
    assert following
    page = owner.get(html.unescape(following[1])).text
    assert (ticked(page), set(OTHERS.findall(page))) == (ids(last), ids(first))


def test_another_filter_has_no_selection(owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    page = owner.get(list_address(owner, bulk.create(owner, "deactivate", three[0]))).text
    links = [html.unescape(link) for link in re.findall(r'href="(/users\?[^"]*status=active[^"]*)"', page)]
    assert links
    assert [link for link in links if "selection" in link] == []


def test_a_selection_of_all_is_ticked_as_such(owner: Browser, bulk: Bulk, people: People) -> None:
    many = people.create_many(26, name="Multitude")
    bulk_id = bulk.create_for_matches(owner, "deactivate", "q=multitude&limit=25")
    page = owner.get(list_address(owner, bulk_id)).text
    assert ticked(page) == ids(*many[:25])
    assert re.search(r'name="all"[^>]* checked', page)


def test_after_the_change_only_the_filter_is_kept(owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "deactivate", three[0], view="sort=-created")
    before = list_address(owner, bulk_id)
    bulk.apply(owner, bulk_id)
    assert list_address(owner, bulk_id) == "/users?sort=-created"
    assert ticked(owner.get(before).text) == set()


def test_a_change_of_an_older_version_leads_to_its_list(
    app: App, owner: Browser, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create_for_matches(owner, "deactivate", "sort=-created")
    with app.app_context(), transaction():
        db.session.execute(update(BulkChange).values(list_view=None))
    assert list_address(owner, bulk_id).startswith("/users?sort=-created&selection=")


def test_a_selection_of_someone_else_is_not_shown(
    owner: Browser, bulk: Bulk, access: Access, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", three[0])
    other = access.browser_of(access.person("Second", roles=[OWNER]))
    assert ticked(other.get(f"/users?selection={bulk_id}").text) == set()
    assert list_address(other, bulk_id) == "/users"


@pytest.mark.parametrize("name", ["", "x", "01a20c33-7cd6-70ee-b0a1-652ec903b536", "%00", "я", "1" * 3000])
def test_an_unknown_selection_selects_no_one(owner: Browser, three: list[UserOut], name: str) -> None:
    response = owner.get(f"/users?selection={name}")
    assert (response.status_code, ticked(response.text)) == (200, set())
