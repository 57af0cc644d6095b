"""The reason for a change: stored with the record, and required where the settings say it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from webapp.audit.queries import latest_records_of
from webapp.audit.reasons import ACTIONS_WITH_REASON, check_reason_settings
from webapp.settings import ROOT, SettingsError
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def reason_required_for_deactivation(change_settings: Callable[..., None]) -> None:
    change_settings(reason_required=["user.deactivated"])


def reason_of(app: App, people: People, email: str) -> str:
    with app.app_context():
        return latest_records_of(people.row(email=email)["id"], 1)[0].reason


def test_the_reason_is_stored_without_extra_spaces(app: App, owner: Browser, people: People) -> None:
    anna = people.create(email="anna@example.com")
    owner.post(f"/users/{anna.id}/deactivation", reason="  Ушла в  отпуск 🌴 ")
    assert reason_of(app, people, "anna@example.com") == "Ушла в отпуск 🌴"


def test_the_api_takes_the_reason_from_a_header(app: App, api: Api, people: People) -> None:
    headers = {"X-Reason": "Новый сотрудник".encode().decode("latin-1")}
    api.post("/users", {"email": "anna@example.com", "name": "Anna"}, headers=headers)
    assert reason_of(app, people, "anna@example.com") == "Новый сотрудник"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x00b", "a\u202eb"])
def test_a_missing_or_invalid_reason_refuses_the_change(
    reason_required_for_deactivation: None, owner: Browser, people: People, reason: str
) -> None:
    anna = people.create()
    before = people.row_counts()
    assert owner.post(f"/users/{anna.id}/deactivation", reason=reason).status_code == 422
    assert people.row_counts() == before
    assert people.row(id=anna.id)["status"] == "invited"


def test_the_form_shows_why_the_reason_is_invalid(
    reason_required_for_deactivation: None, owner: Browser, people: People
) -> None:
    page = owner.post(f"/users/{people.create().id}/deactivation", reason="a\x00b" * 2).text
    assert "hidden character" in page


@pytest.mark.parametrize("action", sorted(ACTIONS_WITH_REASON))
def test_every_action_that_can_require_a_reason_has_a_field_for_it(app: App, action: str) -> None:
    templates = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    assert any(f'reason("{action}")' in text.replace("'", '"') for text in templates)


def test_other_actions_need_no_reason(reason_required_for_deactivation: None, owner: Browser) -> None:
    assert owner.post("/users", email="anna@example.com", name="Anna").status_code == 303


def test_an_unknown_action_in_the_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"user\.vanished"):
        check_reason_settings(["user.vanished"])
