"""People say that two similar users are different people."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.duplicates.finding import find_duplicates, only_pair, open_pairs
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App


@pytest.fixture
def pair(app: App, people: People) -> tuple[UserOut, UserOut]:
    one = people.create(name="Анна Иванова", email="anna@example.com")
    other = people.create(name="Anna Ivanova", email="ivanova@example.org")
    find_duplicates(app)
    return one, other


def test_a_dismissed_pair_stays_away(app: App, owner: Browser, people: People, pair: tuple[UserOut, UserOut]) -> None:
    assert "Anna Ivanova" in owner.get("/duplicates").text
    assert "may be the same person" in owner.get(f"/users/{pair[0].id}").text
    assert owner.post(f"/duplicates/{only_pair(app).id}/dismissal").status_code == 303
    find_duplicates(app)
    assert open_pairs(app) == []
    assert "No duplicates found" in owner.get("/duplicates").text
    assert "may be the same person" not in owner.get(f"/users/{pair[0].id}").text
    for user in pair:
        assert people.audit_trail(user.id)[-1][0] == "duplicate.dismissed"


def test_only_new_evidence_brings_it_back(app: App, owner: Browser, pair: tuple[UserOut, UserOut]) -> None:
    owner.post(f"/duplicates/{only_pair(app).id}/dismissal")
    with app.app_context():
        update_user(pair[0].id, username="anna", by=TESTER)
        update_user(pair[1].id, email="ivanova@example.net", by=TESTER)
    find_duplicates(app)
    assert open_pairs(app) == []
    with app.app_context():
        update_user(pair[1].id, email="anna+2@example.com", by=TESTER)
    find_duplicates(app)
    assert only_pair(app).strength == 88


def test_it_can_be_undone_once(app: App, owner: Browser, people: People, pair: tuple[UserOut, UserOut]) -> None:
    owner.post(f"/duplicates/{only_pair(app).id}/dismissal")
    page = owner.get("/duplicates").text
    record_id = page.partition("/audit/")[2].partition("/undo")[0]
    assert owner.post(f"/audit/{record_id}/undo").status_code == 303
    assert only_pair(app).dismissed_evidence == []
    assert [action for action, _changes in people.audit_trail(pair[1].id)][-1] == "duplicate.reopened"
    assert owner.post(f"/audit/{record_id}/undo").status_code == 409


@pytest.mark.one_engine
def test_people_within_ones_reach_only(
    app: App, access: Access, people: People, owner: Browser, pair: tuple[UserOut, UserOut]
) -> None:
    north, limited = access.group("North"), access.person("Limited")
    access.grant(access.role("Writer", "users.read", "users.edit"), user_id=limited.id, scope_id=north)
    access.add_member(north, pair[0].id)
    browser, path = access.browser_of(limited), f"/duplicates/{only_pair(app).id}/dismissal"
    before = people.row_counts()
    assert "Anna Ivanova" not in browser.get("/duplicates").text
    assert browser.post(path).status_code == 404
    assert people.row_counts() == before
    access.add_member(north, pair[1].id)
    assert "Anna Ivanova" in browser.get("/duplicates").text
    assert browser.post(path).status_code == 303


@pytest.mark.one_engine
def test_readers_may_not(app: App, access: Access, people: People, pair: tuple[UserOut, UserOut]) -> None:
    reader = access.browser_of(access.person("Reader", roles=[access.role("Reader", "users.read")]))
    before = people.row_counts()
    assert reader.get("/duplicates").status_code == 403
    assert reader.post(f"/duplicates/{only_pair(app).id}/dismissal").status_code == 403
    assert people.row_counts() == before
    assert "may be the same person" not in reader.get(f"/users/{pair[0].id}").text


@pytest.mark.one_engine
def test_the_list_is_paged_with_the_same_number_of_statements(app: App, owner: Browser, people: People) -> None:
    for number in range(3):
        for _account in range(2):
            people.create(name=f"Анна {'абв'[number] * 5}ова")
    find_duplicates(app)
    with captured_queries(app) as seen:
        first = owner.get("/duplicates?limit=1").text
    following = first.partition("after=")[2].partition('"')[0].replace("&amp;", "&")
    with captured_queries(app) as seen_later:
        second = owner.get(f"/duplicates?limit=2&after={following}").text
    assert (first.count('class="card duplicate"'), second.count('class="card duplicate"')) == (1, 2)
    assert len(seen) == len(seen_later) == 5, seen
    assert owner.get("/duplicates?after=bad").status_code == 400


@pytest.mark.one_engine
def test_people_whom_one_may_change_but_not_see_are_not_listed(
    app: App, access: Access, pair: tuple[UserOut, UserOut]
) -> None:
    north, blind = access.group("North"), access.person("Blind", roles=[access.role("Writer", "users.edit")])
    access.grant(access.role("Reader", "users.read"), user_id=blind.id, scope_id=north)
    access.add_member(north, pair[0].id)
    browser = access.browser_of(blind)
    assert "Anna Ivanova" not in browser.get("/duplicates").text
    assert browser.get(f"/duplicates/{only_pair(app).id}").status_code == 404
