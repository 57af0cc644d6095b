"""The links of a row of the list: what the viewer may do, by the status of the person."""

from __future__ import annotations

import re

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, HELPDESK
from webapp.bin.services import delete_user
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def actions(browser: Browser, address: str) -> list[str]:
    """Return for each row the last parts of the addresses that the page offers for its status."""
    page = browser.get(address).text
    links = re.findall(r'data-path="/(\w+)"\s+data-statuses="([a-z ]+)"', page)
    rows = re.findall(r'<td class="col-actions" data-status="(\w+)">', page)
    return [" ".join(path for path, statuses in links if status in statuses.split()) for status in rows]


def test_links_depend_on_the_status(app: App, owner: Browser, people: People) -> None:
    anna, boris, _clara = [people.create(name=f"Row {name}") for name in ("Anna", "Boris", "Clara")]
    with app.app_context():
        delete_user(anna.id, by=TESTER)
        deactivate_user(boris.id, by=TESTER)
    assert actions(owner, "/users?q=row") == ["edit reactivation", "edit deactivation"]
    assert actions(owner, "/users?q=row&status=deleted") == ["restoration"]


def test_links_depend_on_the_permissions(access: Access, people: People) -> None:
    people.create(name="Row Anna")
    for role, links in ((HELPDESK, "edit deactivation"), (AUDITOR, "")):
        reader = access.browser_of(access.person("Reader", roles=[role]))
        assert actions(reader, "/users?q=row") == [links]
