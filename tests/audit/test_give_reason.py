"""Why somebody changed something: kept where it was said, asked for where the settings say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser_session import Api, Browser
from tests.factories import People
from webapp.audit.queries import latest_of
from webapp.audit.services import REASONABLE, check_reason_settings
from webapp.settings import ROOT, SettingsError
from webapp.web.api import App


@pytest.fixture
def asked(change_settings: Callable[..., None]) -> None:
    """Deactivating asks for a reason."""
    change_settings(reason_required=["user.deactivated"])


def reason_of(app: App, people: People, email: str) -> str:
    with app.app_context():
        return latest_of(people.row(email=email)["id"], 1)[0].reason


def test_what_was_said_is_kept(app: App, owner: Browser, people: People) -> None:
    anna = people.create(email="anna@example.com")
    owner.post(f"/users/{anna.id}/deactivation", reason="  Ушла в  отпуск 🌴 ")
    assert reason_of(app, people, "anna@example.com") == "Ушла в отпуск 🌴"


def test_the_api_says_it_in_a_header(app: App, api: Api, people: People) -> None:
    headers = {"X-Reason": "Новый сотрудник".encode().decode("latin-1")}
    api.post("/users", {"email": "anna@example.com", "name": "Anna"}, headers=headers)
    assert reason_of(app, people, "anna@example.com") == "Новый сотрудник"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x00b", "a\u202eb"])
def test_without_one_nothing_happens_where_it_is_asked_for(
    asked: None, owner: Browser, people: People, reason: str
) -> None:
    anna = people.create()
    before = people.everything()
    assert owner.post(f"/users/{anna.id}/deactivation", reason=reason).status_code == 422
    assert people.everything() == before
    assert people.row(id=anna.id)["status"] == "invited"


def test_the_form_comes_back_with_what_was_said(asked: None, owner: Browser, people: People) -> None:
    page = owner.post(f"/users/{people.create().id}/deactivation", reason="a\x00b" * 2).text
    assert "hidden character" in page


@pytest.mark.parametrize("action", sorted(REASONABLE))
def test_every_change_that_can_ask_has_a_place_to_say_it(app: App, action: str) -> None:
    templates = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    assert any(f'reason("{action}")' in text.replace("'", '"') for text in templates)


def test_other_changes_need_none(asked: None, owner: Browser) -> None:
    assert owner.post("/users", email="anna@example.com", name="Anna").status_code == 303


def test_a_setting_that_names_no_change_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"user\.vanished"):
        check_reason_settings(["user.vanished"])
