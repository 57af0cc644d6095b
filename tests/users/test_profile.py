"""The profile of a person: last sign-in, links to roles and groups, and empty fields."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.access_factory import Access
from tests.attributes.conftest import DEPARTMENTS
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.attributes.services import create_attribute
from webapp.signin.sessions import Client, end_sessions, start_client_session
from webapp.users.queries import get_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def shown(page: str) -> str:
    """Return the text of the card with the profile."""
    card = page.partition('aria-labelledby="profile"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", card).split())


def test_the_last_sign_in_names_device_and_address_also_after_the_session(
    app: App, owner: Browser, people: People
) -> None:
    anton = people.create(password=people.password)
    assert "Last sign-in" not in shown(owner.get(f"/users/{anton.id}").text)
    with app.app_context():
        user = get_user(anton.id)
        start_client_session(user, Client("203.0.113.7", FIREFOX, "", "a" * 43))
        end_sessions(anton.id, by=TESTER)
    page = owner.get(f"/users/{anton.id}").text
    assert "Last sign-in just now Firefox 128 on Linux · 203.0.113.7" in shown(page)


def test_roles_and_groups_link_to_their_pages(owner: Browser, people: People, access: Access) -> None:
    anton = people.create()
    north = access.group("North")
    access.add_member(north, anton.id)
    role = access.role("Exporter", "users.export")
    access.grant(role, user_id=anton.id, scope_id=north)
    access.grant(role, group_id=north)
    page = owner.get(f"/users/{anton.id}").text
    assert f'href="/roles/{role}"' in page
    assert f'href="/groups/{north}"' in page
    text = shown(page)
    assert "Exporter through North" in text
    assert "Exporter · North" in text


def test_groups_that_the_viewer_cannot_see_have_no_link(app: App, people: People, access: Access) -> None:
    anton = people.create()
    north, south = access.group("North"), access.group("South")
    for group_id in (north, south):
        access.add_member(group_id, anton.id)
    helper = people.create(email="helper@example.com", password=people.password)
    access.grant(access.role("Reader", "users.read"), user_id=helper.id, scope_id=north)
    page = Browser(app).signed_in_as(helper.email).get(f"/users/{anton.id}").text
    assert f'href="/groups/{north}"' in page
    assert f"/groups/{south}" not in page


def test_fields_without_a_value_are_collapsed(app: App, owner: Browser, people: People) -> None:
    with app.app_context():
        define(key="department", kind="choice", choices=DEPARTMENTS, label_en="Department", label_ru="Отдел")
        define(key="desk", kind="text", label_en="Desk", label_ru="Стол")
    anton = people.create(username="anton", attributes={"desk": "4"})
    page = owner.get(f"/users/{anton.id}").text
    assert "Desk 4" in shown(page)
    assert "2 empty fields Time zone Department" in shown(page)
    assert f'href="/users/{anton.id}/edit#attributes.department"' in page
    assert f'href="/users/{anton.id}/edit#timezone"' not in page


def define(**definition: Any) -> None:
    create_attribute(by=TESTER, **definition)
