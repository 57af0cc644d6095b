"""The options of a people picker: the first people that match and that the viewer can see."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import HELPDESK
from webapp.web.api import App


def options(browser: Browser, **parameters: str) -> str:
    response = browser.get("/users/choices", query_string=parameters)
    assert response.status_code == 200
    return response.text


def test_options_show_name_address_and_status(owner: Browser, people: People) -> None:
    anna = people.create(name="Anna <Berg>", email="anna@example.com")
    page = options(owner, q="berg")
    assert f'data-id="{anna.id}"' in page
    assert 'data-text="Anna &lt;Berg&gt; (anna@example.com)"' in page
    assert "status-invited" in page


def test_ten_people_are_shown_with_three_queries(app: App, owner: Browser, people: People) -> None:
    for number in range(12):
        people.create(name=f"Anna {number}")
    with captured_queries(app) as seen:
        assert options(owner, q="anna").count('role="option"') == 10
    assert len(seen) == 3, seen


def test_people_with_similar_names_are_shown_if_no_one_matches(owner: Browser, people: People) -> None:
    people.create(name="Anna Lindqvist")
    assert "Anna Lindqvist" in options(owner, q="lindxvist")


def test_only_people_in_sight_are_shown(access: Access) -> None:
    north, helper = access.group("North"), access.person("Anna Helper")
    access.person("Anna Hidden")
    access.grant(HELPDESK, user_id=helper.id, scope_id=north)
    access.add_member(north, helper.id)
    page = options(access.browser_of(helper), q="anna")
    assert "Anna Helper" in page
    assert "Anna Hidden" not in page


def test_people_in_the_bin_are_not_shown(owner: Browser, people: People) -> None:
    anna = people.create(name="Anna Berg")
    assert owner.post(f"/users/{anna.id}/deletion").status_code == 303
    assert options(owner, q="berg").count('role="option"') == 0


@pytest.mark.parametrize("text", ["", " ", "\x00", "\u202e", "😀", "a:b", '"', "-", "created:x"])
def test_odd_texts_find_no_one(owner: Browser, text: str) -> None:
    assert options(owner, q=text).count('role="option"') == 0


def test_a_text_that_is_too_long_is_refused(owner: Browser) -> None:
    assert owner.get("/users/choices", query_string={"q": "x" * 10_000}).status_code == 400


def test_a_user_without_permission_is_refused(member: Browser) -> None:
    assert member.get("/users/choices?q=anna").status_code == 403
