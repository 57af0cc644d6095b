"""The audit page: who can open it, and its filters."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from tests.test_bad_input import QUERIES, query_string
from webapp.audit.actions import Action
from webapp.audit.erasure import erase_details_of
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, reactivate_user, update_user
from webapp.web.api import App

EXAMPLES = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def anton(app: App, people: People) -> UserOut:
    """A user who was renamed and then deactivated."""
    anton = people.create(name="Антон Иванов", email="anton@example.com", username="anton")
    with app.app_context():
        update_user(anton.id, version=1, email=anton.email, name="Антон Петров", username="anton", by=TESTER)
        deactivate_user(anton.id, by=TESTER)
    return anton


def shown_titles(browser: Browser, **query: str) -> list[str]:
    """Return the titles of the changes on the page."""
    response = browser.get("/audit", query_string=query)
    assert response.status_code == 200
    return re.findall(r'class="log-title">\s*<span>([^<:]+?)\s*[:<]', response.text)


def test_the_newest_change_comes_first_with_its_subject(owner: Browser, anton: UserOut) -> None:
    page = owner.get("/audit").text
    assert shown_titles(owner)[:3] == ["User deactivated", "Name changed", "User created"]
    assert "Антон Петров" in page
    assert "<del>" in page
    assert 'href="/audit"' in owner.get("/users").text


def test_the_title_names_the_changed_fields(app: App, owner: Browser, anton: UserOut) -> None:
    changes = (
        {"email": "a@example.com", "username": "a.petrov"},
        {"locale": "ru", "timezone": "UTC", "ends_at": now() + timedelta(days=9), "name": "A", "username": "a.p"},
        {"password": "a long enough password"},
    )
    with app.app_context():
        reactivate_user(anton.id, by=TESTER)
        for fields in changes:
            update_user(anton.id, by=TESTER, **fields)
    titles = shown_titles(owner, subject=str(anton.id))[:3]
    assert titles[0] == "Password changed"
    assert titles[1].endswith(" and 2 other fields changed")
    assert titles[2] == "E-mail address and username changed"
    assert owner.get(f"/audit?subject={anton.id}").text.count("Password changed") == 2, "the title and its Undo"


def test_changes_are_found_by_subject(owner: Browser, anton: UserOut) -> None:
    found = ["User deactivated", "Name changed", "User created"]
    for words in (anton.email, "ANTON", str(anton.id), anton.id.hex, "антон пет"):
        assert shown_titles(owner, subject=words) == found


def test_changes_are_found_by_actor(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post("/users", name="New", email="new@example.com")
    assert shown_titles(owner, actor="olga@example.com") == ["Invitation sent", "User created", "Signed in"]
    assert shown_titles(owner, actor=anton.email) == []


def test_changes_are_found_by_action_and_field(owner: Browser, anton: UserOut) -> None:
    assert shown_titles(owner, action="user.deactivated") == ["User deactivated"]
    assert shown_titles(owner, field="name", action="user.updated") == ["Name changed"]
    assert shown_titles(owner, field="username", subject="anton") == ["User created"]
    assert shown_titles(owner, field="nothing") == []


def test_changes_are_found_by_time(owner: Browser, anton: UserOut) -> None:
    today, tomorrow = f"{now():%Y-%m-%d}", f"{now() + timedelta(days=1):%Y-%m-%d}"
    everything = shown_titles(owner)
    assert shown_titles(owner, since=today, until=today) == everything
    assert shown_titles(owner, since=f"{now() - timedelta(hours=1):%Y-%m-%dT%H:%M}") == everything
    assert shown_titles(owner, since=tomorrow) == shown_titles(owner, until="2020-01-01") == []


def test_days_are_in_the_time_zone_of_the_viewer(app: App, owner: Browser, anton: UserOut) -> None:
    owner.post("/account/preferences", timezone="Pacific/Kiritimati")
    page = owner.get("/audit?since=2026-11-24&until=2026-11-24").text
    assert page.count("<bdi>Nov 24, 2026</bdi>") == 2


def test_an_ambiguous_name_lists_the_people_that_match(owner: Browser, people: People, anton: UserOut) -> None:
    other = people.create(name="Антон Сидоров")
    page = owner.get("/audit", query_string={"subject": "антон"}).text
    assert "Several people match “антон”. Choose one." in page
    assert f"subject={other.id}" in page
    assert 'class="log"' not in page


def test_an_unknown_name_is_reported(owner: Browser) -> None:
    assert "No one matches “zzz”" in owner.get("/audit?actor=zzz").text


def test_an_erased_person_is_found_by_id(app: App, owner: Browser, anton: UserOut) -> None:
    with app.app_context(), transaction():
        erase_details_of(anton.id)
        db.session.execute(delete(User).where(User.id == anton.id))
        record(Action.USER_PURGED, subject=anton, by=TESTER, label="")
    page = owner.get("/audit", query_string={"subject": str(anton.id)}).text
    assert "The details were erased with the user’s data" in page
    assert "Антон" not in page


def test_each_filter_can_be_removed(owner: Browser, anton: UserOut) -> None:
    page = owner.get("/audit?action=user.updated&field=name").text
    assert page.count('class="chip"') == 2
    assert 'href="/audit?action=user.updated"' in page
    assert "No changes match these filters" in owner.get("/audit?action=job.retried").text


def test_the_next_page_follows(app: App, owner: Browser) -> None:
    with app.app_context(), transaction():
        for _number in range(30):
            record(Action.JOB_RETRIED, subject=UserLike(uuid4()), by=TESTER, kind="job", label="A job")
    first = owner.get("/audit?action=job.retried&limit=25").text
    assert first.count('class="log-title"') == 25
    following = html.unescape(re.findall(r'rel="next"\s+href="([^"]+)"', first)[0])
    assert owner.get(following).text.count('class="log-title"') == 5


def test_a_page_reads_its_records_in_one_statement(app: App, owner: Browser, anton: UserOut) -> None:
    owner.get("/audit")
    with captured_queries(app) as seen:
        owner.get("/audit")
    assert len([statement for statement in seen if "audit_records" in statement]) == 1


def test_a_member_has_no_link_and_no_page(app: App, member: Browser) -> None:
    assert member.get("/audit").status_code == 403
    assert 'href="/audit"' not in member.get("/account").text


@pytest.mark.parametrize("query", ["since=never", "until=24.11.2026", "action=nothing"])
def test_an_invalid_parameter_is_a_bad_request(owner: Browser, query: str) -> None:
    assert owner.get(f"/audit?{query}").status_code == 400


NAMES = st.sampled_from(["actor", "subject", "action", "field", "since", "until", "after", "limit"])


@EXAMPLES
@given(query=QUERIES, name=NAMES)
def test_any_query_is_answered_or_refused(owner: Browser, query: dict[str, str], name: str) -> None:
    value = next(iter(query.values()), "x")
    assert owner.get("/audit", query_string=query_string({**query, name: value})).status_code in {200, 400}


class UserLike:
    def __init__(self, subject_id: UUID) -> None:
        self.id = subject_id
