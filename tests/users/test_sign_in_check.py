"""The page that explains why a user cannot sign in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.clients import Browser
from tests.factories import People
from webapp.core.clock import now
from webapp.db.session import db
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон", password=people.password)


def test_a_user_who_can_sign_in_has_no_failed_check(owner: Browser, anton: UserOut) -> None:
    assert "Can they sign in?" in owner.get(f"/users/{anton.id}").text
    page = owner.get(f"/users/{anton.id}/sign-in-check").text
    assert "The password is set" in page
    assert "check-failed" not in page


@pytest.mark.parametrize(
    ("state", "words", "remedy"),
    [
        ({"deleted_at": -1}, "account was deleted on", "/restoration"),
        ({"deactivated_at": -1}, "The account was deactivated", "/reactivation"),
        ({"starts_at": 1}, "Access starts on", "/edit#starts_at"),
        ({"ends_at": -1}, "Access ended", "/edit#ends_at"),
        ({"password_hash": None}, "No password is set", "/edit#password"),
    ],
)
def test_a_failed_check_links_to_its_remedy(
    app: App, owner: Browser, anton: UserOut, state: dict[str, Any], words: str, remedy: str
) -> None:
    values = {name: value and now() + timedelta(days=value) for name, value in state.items()}
    with app.app_context():
        db.session.execute(update(User).where(User.id == anton.id).values(values))
        db.session.commit()
    assert "Why can’t they sign in?" in owner.get(f"/users/{anton.id}").text
    page = owner.get(f"/users/{anton.id}/sign-in-check").text
    assert page.count("check-failed") == 1
    assert words in page
    assert f'href="/users/{anton.id}{remedy}"' in page


def test_a_member_is_refused(member: Browser, anton: UserOut) -> None:
    assert member.get(f"/users/{anton.id}/sign-in-check").status_code == 403
