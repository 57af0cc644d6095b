"""The reason for a change: stored with the record, and required where the settings say it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.audit.queries import latest_records_of
from webapp.audit.reasons import ACTIONS_WITH_REASON, check_reason_settings
from webapp.settings import ROOT
from webapp.settings_checks import SettingsError
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


@pytest.mark.parametrize(
    "action",
    [
        "user.vanished",
        "password_reset.sent",
        "one_time_pass.issued",
        "sessions.ended",
        "factor.removed",
        "member.added",
    ],
)
def test_an_action_without_a_field_in_the_setting_is_refused(action: str) -> None:
    with pytest.raises(SettingsError, match=action):
        check_reason_settings([action])


def test_undoing_a_change_can_need_a_reason(
    app: App, change_settings: Callable[..., None], owner: Browser, people: People
) -> None:
    anna = people.create(email="anna@example.com")
    owner.post(f"/users/{anna.id}/deactivation")
    with app.app_context():
        record_id = latest_records_of(anna.id, 1)[0].id
    change_settings(reason_required=["user.reactivated"])
    refused = owner.post(f"/audit/{record_id}/undo")
    assert (refused.status_code, 'name="reason"' in refused.text) == (422, True)
    assert people.row(id=anna.id)["status"] == "deactivated"
    assert owner.post(f"/audit/{record_id}/undo", reason="A mistake").status_code == 303
    assert reason_of(app, people, "anna@example.com") == "A mistake"


def test_a_compromised_account_can_need_a_reason(
    change_settings: Callable[..., None], owner: Browser, people: People
) -> None:
    change_settings(reason_required=["account.compromised"])
    anna = people.create(email="anna@example.com", password=People.password)
    before = people.row_counts()
    refused = owner.post(f"/users/{anna.id}/compromised")
    assert (refused.status_code, "Enter a reason" in refused.text) == (422, True)
    assert people.row_counts() == before
    assert owner.post(f"/users/{anna.id}/compromised", reason="Laptop stolen").status_code == 303


def test_people_need_no_reason_for_their_own_settings(
    change_settings: Callable[..., None], member: Browser, mailbox: Mailbox, people: People
) -> None:
    change_settings(reason_required=["user.updated"])
    assert member.post("/account/name", name="Other Name").status_code == 303
    assert member.post("/account/preferences", theme="dark").status_code == 303
    assert member.post("/account/email", email="new@example.com").status_code == 303
    member.get(mailbox.link("new@example.com"))
    assert member.post("/email-change").status_code == 200
    row = people.row(email="new@example.com")
    assert row
    assert (row["name"], row["theme"]) == ("Other Name", "dark")


def test_an_invited_person_needs_no_reason(
    change_settings: Callable[..., None], owner: Browser, visitor: Browser, mailbox: Mailbox, people: People
) -> None:
    change_settings(reason_required=["user.updated"])
    owner.post("/users", email="anna@example.com", name="Anna")
    visitor.get(mailbox.link("anna@example.com"))
    assert visitor.post("/invitation", name="Anna Berg", locale="en").status_code == 303
    assert people.row(email="anna@example.com")["name"] == "Anna Berg"


@pytest.mark.parametrize("page", ["/users/new", "/invitations/new"])
def test_a_new_person_with_a_role_can_need_a_reason(
    change_settings: Callable[..., None], owner: Browser, page: str
) -> None:
    assert 'name="reason"' not in owner.get(page).text
    change_settings(reason_required=["role.granted"])
    assert 'name="reason"' in owner.get(page).text
