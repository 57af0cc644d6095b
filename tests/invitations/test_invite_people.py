"""Paste addresses, see what becomes of each, and invite them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.access.models import AUDITOR
from webapp.core.clock import now
from webapp.signin.sessions import SUDO

pytestmark = pytest.mark.one_engine

ADDRESSES = "anton@example.com\r\nАнна Петрова <anna@example.com>\r\n"


def preview(browser: Browser, addresses: str, **fields: Any) -> TestResponse:
    return browser.post("/invitations", addresses=addresses, **fields)


def send(browser: Browser, addresses: str, **fields: Any) -> TestResponse:
    """Send what the preview shows."""
    previewed = re.search(r'name="previewed" value="(\w+)"', preview(browser, addresses, **fields).text)
    assert previewed
    return preview(browser, addresses, **fields, send="1", previewed=previewed[1])


def test_the_preview_changes_nothing(owner: Browser, people: People) -> None:
    assert owner.get("/invitations/new").status_code == 200
    before = people.row_counts()
    page = preview(owner, ADDRESSES + "olga@example.com\nANTON@example.com\nno address").text
    for text in ("Анна Петрова", "Will be invited", "Already a user", "Repeated", "Not valid", "Send 2 invitations"):
        assert text in page
    assert people.row_counts() == before


def test_the_people_are_created_and_invited(owner: Browser, people: People, mailbox: Mailbox) -> None:
    response = send(owner, ADDRESSES, locale="ru")
    assert (response.status_code, response.location) == (303, "/users?sort=-created")
    assert people.row(email="anton@example.com")["name"] == "anton"
    assert people.row(email="anna@example.com")["name"] == "Анна Петрова"
    assert sorted(letter["To"] for letter in mailbox.letters()) == ["anna@example.com", "anton@example.com"]
    assert "приглашает" in mailbox.letters()[0]["Subject"]


def test_all_get_roles_groups_and_an_end(owner: Browser, people: People, access: Access) -> None:
    group = access.group("North")
    send(owner, ADDRESSES, roles=[str(AUDITOR)], groups=[str(group)], ends_at="2099-01-01T12:00")
    for email in ("anton@example.com", "anna@example.com"):
        row = people.row(email=email)
        assert row["ends_at"].year == 2099
        assert [action for action, _changes in people.audit_trail(row["id"])] == [
            "user.created",
            "member.added",
            "role.granted",
            "invitation.sent",
        ]


def test_other_addresses_than_those_of_the_preview_are_shown_first(owner: Browser, people: People) -> None:
    before = people.row_counts()
    response = preview(owner, ADDRESSES, send="1", previewed="0" * 64)
    assert (response.status_code, "Send 2 invitations" in response.text) == (200, True)
    assert people.row_counts() == before


@pytest.mark.parametrize(
    ("addresses", "count"),
    [
        ("a@example.com; b@example.com", 2),
        ("a@example.com, b@example.com", 2),
        ('"Ivanov, Anton" <a@example.com>', 1),
        ("Ivanov, Anton <a@example.com>\n\n\n", 1),
        ("<a@example.com>", 1),
    ],
)
def test_lists_of_mail_programs_are_understood(owner: Browser, addresses: str, count: int) -> None:
    assert preview(owner, addresses).text.count("Will be invited") == count


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"addresses": ""}, "Enter at least one e-mail address"),
        ({"addresses": " \n ;"}, "Enter at least one e-mail address"),
        ({"addresses": "\n".join(f"a{n}@example.com" for n in range(201))}, "at most 200"),
        ({"addresses": "x" * 60_000}, "There is a problem"),
        ({"addresses": "olga@example.com"}, "There is no new person among these"),
        ({"addresses": "a\x00@example.com\u202e"}, "There is no new person among these"),
        ({"addresses": ADDRESSES, "ends_at": "2001-01-01T12:00"}, "The end must be in the future"),
        ({"addresses": ADDRESSES, "locale": "xx"}, "There is a problem"),
        ({}, "Enter at least one e-mail address"),
    ],
)
def test_what_makes_no_sense_is_refused(owner: Browser, people: People, fields: dict[str, str], problem: str) -> None:
    before = people.row_counts()
    response = owner.post("/invitations", **fields, send="1", previewed="")
    assert response.status_code == 422
    assert problem in response.text
    assert people.row_counts() == before


def test_unknown_roles_and_groups_are_refused_for_each_person(owner: Browser, people: People) -> None:
    response = send(owner, ADDRESSES, roles=["nonsense"])
    assert response.status_code == 422
    assert "0 people were invited" in response.text
    assert people.row(email="anton@example.com") is None


def test_roles_take_a_recent_password(owner: Browser, people: People) -> None:
    before = people.row_counts()
    with time_machine.travel(now() + SUDO):
        assert preview(owner, ADDRESSES, roles=[str(AUDITOR)]).status_code == 422
    assert people.row_counts() == before


def test_it_takes_the_permission_to_add_people(member: Browser, people: People) -> None:
    before = people.row_counts()
    assert member.get("/invitations/new").status_code == 403
    assert preview(member, ADDRESSES).status_code == 403
    assert people.row_counts() == before


def test_nobody_gives_a_role_with_more_permissions_than_their_own(access: Access, people: People) -> None:
    helper = access.person("Helper")
    access.grant(access.role("Helpers", "users.read", "users.create", "roles.grant"), user_id=helper.id)
    response = send(access.browser_of(helper), ADDRESSES, roles=[str(AUDITOR)])
    assert response.status_code == 422
    assert people.row(email="anton@example.com") is None
