"""Token managers see, create, rotate and revoke tokens of others under Settings."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.api_tokens.test_account_page import secret_in
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api, Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PAGE = "/settings/tokens"


@pytest.fixture
def manager(access: Access) -> UserOut:
    person = access.person("Token manager")
    access.grant(access.role("Token managers", "users.read", "tokens.manage"), user_id=person.id)
    return person


def rows_of(text: str) -> str:
    return text.partition("<tbody>")[2].partition("</tbody>")[0]


def test_they_find_a_leaked_token_and_revoke_it(
    access: Access, manager: UserOut, tokens: Tokens, people: People
) -> None:
    browser = access.browser_of(manager)
    anna = people.create(name="Anna", password=people.password)
    tokens.create(anna, name="Kept")
    leaked, token_id = tokens.create(anna, name="Leaked")
    secret = leaked.headers["Authorization"].removeprefix("Bearer ")
    found = rows_of(browser.get(f"{PAGE}?prefix={secret}").text)
    assert ("Leaked" in found, "Kept" in found) == (True, False)
    assert browser.post(f"{PAGE}/{token_id}/revocation").location == PAGE
    assert code_of(leaked.get("/me")) == "token_revoked"
    assert people.audit_trail(anna.id)[-1][0] == "token.revoked"


def test_they_filter_by_owner_and_state(access: Access, manager: UserOut, tokens: Tokens, people: People) -> None:
    browser = access.browser_of(manager)
    anna = people.create(name="Anna")
    tokens.create(anna, name="Of Anna")
    tokens.create(people.owner(), name="Of the owner")
    found = rows_of(browser.get(f"{PAGE}?owner={anna.email}").text)
    assert ("Of Anna" in found, "Of the owner" in found) == (True, False)
    assert rows_of(browser.get(f"{PAGE}?state=expired").text) == ""
    assert "This user does not exist" in browser.get(f"{PAGE}?owner=nobody@example.com").text
    assert browser.get(f"{PAGE}?prefix=%00").status_code == 400


def test_they_create_a_token_for_a_person_who_can_do_no_more(
    app: App, access: Access, manager: UserOut, people: People
) -> None:
    anna = people.create(name="Anna", password=people.password)
    access.grant(access.role("Reader", "users.read"), user_id=anna.id)
    page = access.browser_of(manager).post(PAGE, owner=anna.email, name="Service", days="90", scopes=["users.read"])
    assert Api(app, secret_in(page.text)).get("/me").json["id"] == str(anna.id)
    assert "Created by" in access.browser_of(manager).get(PAGE).text


@pytest.mark.parametrize(("owner", "status"), [("olga@example.com", 422), ("nobody@example.com", 422), ("", 422)])
def test_they_create_none_for_people_who_can_do_more(
    access: Access, manager: UserOut, people: People, owner: str, status: int
) -> None:
    people.owner()
    browser = access.browser_of(manager)
    before = people.row_counts()
    page = browser.post(PAGE, owner=owner, name="Way in", days="90", scopes=["users.read"])
    assert page.status_code == status
    assert people.row_counts() == before


@pytest.mark.parametrize("action", ["revocation", "rotation"])
def test_they_change_no_tokens_of_people_who_can_do_more(
    access: Access, manager: UserOut, tokens: Tokens, people: People, action: str
) -> None:
    _api, token_id = tokens.create(people.owner())
    browser = access.browser_of(manager)
    before = people.row_counts()
    assert browser.post(f"{PAGE}/{token_id}/{action}", overlap_hours="1").status_code in {403, 422}
    assert people.row_counts() == before
    assert tokens.row(token_id).revoked_at is None


def test_managers_within_a_group_see_only_its_members(access: Access, tokens: Tokens, people: People) -> None:
    north, person = access.group("North"), access.person("Manager")
    boris = people.create(name="Boris")
    access.add_member(north, boris.id)
    access.grant(access.role("Managers", "users.read", "tokens.manage"), user_id=person.id, scope_id=north)
    tokens.create(boris, name="Of Boris")
    _api, hidden = tokens.create(people.owner(), name="Of the owner")
    browser = access.browser_of(person)
    found = rows_of(browser.get(PAGE).text)
    assert ("Of Boris" in found, "Of the owner" in found) == (True, False)
    assert browser.post(f"{PAGE}/{hidden}/revocation").status_code == 404


def test_others_see_neither_the_page_nor_a_link_to_it(member: Browser, access: Access, manager: UserOut) -> None:
    assert member.get(PAGE).status_code == 403
    assert PAGE not in member.get("/account").text
    page = access.browser_of(manager).get(PAGE).text
    assert page.count(f'href="{PAGE}"') > 1
    assert "/settings/attributes" not in page


def test_the_page_takes_as_many_statements_for_one_token_as_for_thirty(
    app: App, access: Access, manager: UserOut, tokens: Tokens, people: People
) -> None:
    browser, counts = access.browser_of(manager), []
    for more in (1, 29):
        for _number in range(more):
            tokens.create(people.create(), name="x")
        browser.get(PAGE)
        with captured_queries(app) as seen:
            assert browser.get(PAGE).status_code == 200
        counts.append(len(seen))
    # The session, the permissions, and the list with its count.
    assert counts[0] == counts[1] <= 3
