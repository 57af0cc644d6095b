"""The list of people filters by second factor, and the overview counts who must have one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import People
from webapp.core.clock import now
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User
from webapp.web.api import App


@pytest.fixture
def population(app: App, people: People, access: Access) -> None:
    """Staff and others, with and without a second factor. The owner Ольга has none."""
    reader = access.role("Reader", Permission.USERS_READ)
    for name, roles in (("Safe Staff", [reader]), ("Bare Staff", [reader]), ("Safe", []), ("Bare", [])):
        email = name.replace(" ", ".") + "@example.com"
        people.create(name=name, email=email, roles=roles, password=people.password)
    with app.app_context(), transaction():
        db.session.execute(update(User).where(User.name.like("Safe%")).values(second_factor_at=now()))


def names(api: Api, query: str) -> set[str]:
    return {user["name"] for user in api.get(f"/users?{query}").json["items"]}


@pytest.mark.usefixtures("population")
@pytest.mark.parametrize(
    ("state", "russian", "expected"),
    [
        ("yes", "есть", {"Safe", "Safe Staff"}),
        ("no", "нет", {"Bare", "Bare Staff", "Ольга Смирнова"}),
        ("missing", "нужен", {"Bare Staff", "Ольга Смирнова"}),
    ],
)
def test_each_value_finds_its_people(api: Api, state: str, russian: str, expected: set[str]) -> None:
    assert names(api, f"second_factor={state}") == expected
    assert names(api, f"q=second_factor:{state}") == expected
    assert names(api, f"q=фактор:{russian}") == expected


@pytest.mark.usefixtures("population")
def test_members_of_a_group_with_a_role_must_have_one(api: Api, access: Access, people: People) -> None:
    member = people.create(name="Member", password=people.password)
    group = access.group("Team")
    access.add_member(group, member.id)
    access.grant(access.role("Editor", Permission.USERS_EDIT), group_id=group)
    assert "Member" in names(api, "second_factor=missing")


@pytest.mark.usefixtures("population")
def test_everyone_must_have_one_by_the_setting(api: Api, change_settings: Callable[..., None]) -> None:
    change_settings(mfa_required="everyone")
    assert names(api, "second_factor=missing") == {"Bare", "Bare Staff", "Ольга Смирнова"}


def test_another_value_finds_nobody_and_says_why(api: Api, owner: Browser) -> None:
    for query in ("second_factor=maybe", "q=second_factor:maybe"):
        assert api.get(f"/users?{query}").status_code == 400
    assert "yes, no, missing" in owner.get("/users?q=second_factor:maybe").text


@pytest.mark.usefixtures("population")
def test_the_overview_counts_them(owner: Browser, change_settings: Callable[..., None]) -> None:
    assert "must have a second factor" not in owner.get("/").text
    change_settings(mfa_required="staff")
    page = owner.get("/").text
    assert "2 people must have a second factor and have none." in page
    assert "/users?status=active&amp;second_factor=missing" in page
