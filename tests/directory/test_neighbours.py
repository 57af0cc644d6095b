"""The previous and the next person of the list that the viewer came from."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import update

from tests.attributes.conftest import DEPARTMENTS
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.attributes.models import Attribute
from webapp.attributes.services import create_attribute
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App

NAMES = ("Ada Stone", "Bea Stone", "Cleo Hill", "Dora Stone")


@pytest.fixture
def staff(app: App, owner: Browser, people: People) -> list[UserOut]:
    with app.app_context():
        for key, kind in (("department", "choice"), ("hours", "number")):
            options: Any = {"choices": DEPARTMENTS} if kind == "choice" else {}
            create_attribute(by=TESTER, key=key, kind=kind, label_en=key, label_ru=key, sortable=True, **options)
        with transaction():
            # Lists are sorted by an attribute once its index is there. The few rows of this test need none.
            db.session.execute(update(Attribute).values(indexed_at=now()))
    return [
        people.create(name=name, attributes={"hours": number} if number % 2 else {})
        for number, name in enumerate(NAMES, start=1)
    ]


def around(browser: Browser, user: UserOut, parameters: str) -> list[str]:
    """Return the names of the links to the neighbours."""
    page = browser.get(f"/users/{user.id}?list={quote(parameters)}").text
    found = page.partition('class="neighbours"')[2].partition("</nav>")[0]
    return re.findall(r'aria-label="(\w+ person: [^"]+)"', found)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("sort=name", ["Previous person: Bea Stone", "Next person: Dora Stone"]),
        ("sort=-name", ["Previous person: Dora Stone", "Next person: Bea Stone"]),
        ("sort=created", ["Previous person: Bea Stone", "Next person: Dora Stone"]),
        ("sort=email", ["Previous person: Bea Stone", "Next person: Dora Stone"]),
        ("sort=username", ["Previous person: Bea Stone", "Next person: Dora Stone"]),
        ("sort=-last_sign_in&status=invited", ["Previous person: Dora Stone", "Next person: Bea Stone"]),
        ("sort=attr.hours", ["Previous person: Ada Stone", "Next person: "]),
        ("q=stone", ["Previous person: Dora Stone"]),
        ("q=cleo", []),
    ],
)
def test_neighbours_follow_sort_and_search(
    owner: Browser, staff: list[UserOut], parameters: str, expected: list[str]
) -> None:
    """A search for Stone does not match Cleo: she would come after all who match."""
    found = around(owner, staff[2], parameters)
    assert [name[: len(start)] for name, start in zip(found, expected, strict=True)] == expected


def test_neighbours_match_the_search(owner: Browser, staff: list[UserOut]) -> None:
    assert around(owner, staff[1], "q=stone") == ["Previous person: Ada Stone", "Next person: Dora Stone"]


def test_a_person_who_no_longer_matches_keeps_the_neighbours(app: App, owner: Browser, staff: list[UserOut]) -> None:
    with app.app_context():
        deactivate_user(staff[1].id, by=TESTER)
    assert around(owner, staff[1], "status=invited") == ["Previous person: Ada Stone", "Next person: Cleo Hill"]
    with app.app_context():
        update_user(staff[1].id, name="Cleo Zen", by=TESTER)
    assert around(owner, staff[1], "status=invited") == ["Previous person: Cleo Hill", "Next person: Dora Stone"]


@pytest.mark.one_engine
def test_the_list_before_is_known_and_the_way_back_has_its_search(owner: Browser, staff: list[UserOut]) -> None:
    page = owner.get(f"/users/{staff[0].id}", headers={"Referer": "http://localhost/users?q=stone&sort=-name"}).text
    assert 'href="/users?q=stone&amp;sort=-name"' in page
    assert f'href="/users/{staff[1].id}?list=q%3Dstone%26sort%3D-name"' in page
    assert f'href="/users/{staff[0].id}/access?list=q%3Dstone%26sort%3D-name"' in page


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("path", "referrer"),
    [
        ("", "https://evil.example/users?q=stone"),
        ("", "http://localhost/groups?q=stone"),
        ("?list=", ""),
        ("?list=https://evil.example", ""),
        ("?list=sort=password_hash", ""),
        ("?list=sort=attr.nothing", ""),
        ("?list=role=Nothing", ""),
        ("?list=q=%00%E2%80%AE", ""),
        ("?list=after=damaged%26sort=name", ""),
        ("?list=" + "q=x%26" * 400, ""),
    ],
)
def test_other_addresses_are_ignored(owner: Browser, staff: list[UserOut], path: str, referrer: str) -> None:
    response = owner.get(f"/users/{staff[1].id}{path}", headers={"Referer": referrer})
    assert response.status_code == 200
    crumb = response.text.partition('class="crumb-row"')[2].partition("<header")[0]
    assert crumb
    assert "evil" not in crumb


@pytest.mark.one_engine
def test_the_neighbours_take_three_statements(app: App, owner: Browser, staff: list[UserOut]) -> None:
    with captured_queries(app) as alone:
        owner.get(f"/users/{staff[1].id}")
    with captured_queries(app) as seen:
        owner.get(f"/users/{staff[1].id}?list=sort%3Dname")
    assert len(seen) - len(alone) == 3, seen
