"""People create, rotate and revoke their own tokens under My account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.access_factory import Access
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api, Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.core.clock import now
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PAGE = "/account/tokens"
FORM: dict[str, Any] = {"name": "HR sync", "days": "30", "scopes": ["users.read"], "addresses": "127.0.0.0/8"}


def secret_in(text: str) -> str:
    found = re.search(r"rc_[\w-]{43}", text)
    assert found
    return found[0]


def test_a_new_token_is_shown_once_with_an_example_and_works(app: App, owner: Browser, people: People) -> None:
    page = owner.post(PAGE, **FORM)
    secret = secret_in(page.text)
    assert page.status_code == 200
    assert f"Authorization: Bearer {secret}" in page.text
    me = Api(app, secret).get("/me").json
    assert (me["token"]["scopes"], me["token"]["addresses"]) == (["users.read"], ["127.0.0.0/8"])
    listed = owner.get(PAGE).text
    assert secret[:11] in listed
    assert secret not in listed
    assert people.audit_trail(people.owner().id)[-1][0] == "token.created"


def test_a_form_that_is_sent_twice_creates_one_token(owner: Browser, people: People) -> None:
    form_token = re.search(r'name="form_token"[^>]*value="([^"]+)"', owner.get(f"{PAGE}/new").text)
    assert form_token
    answers = [owner.post(PAGE, form_token=form_token[1], **FORM) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 303]
    assert people.row_counts()["api_tokens"] == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "x" * 101}, "1 to 100 characters"),
        ({"name": "a\x00"}, "hidden character"),
        ({"name": "🎉\u202e"}, "hidden character"),
        ({"days": "0"}, "1 to 366 days"),
        ({"days": "1" * 40}, "1 to 366 days"),
        ({"days": "١"}, "1 to 366 days"),
        ({"scopes": []}, "Choose at least one permission"),
        ({"scopes": ["users.fly"]}, "There is no permission"),
        ({"addresses": "localhost"}, "Enter address ranges like"),
        ({"addresses": "10.0.0.0/8\n" + "\n".join(f"10.1.{n}.1" for n in range(20))}, "at most 20"),
    ],
)
def test_bad_input_is_422_and_leaves_no_trace(
    owner: Browser, people: People, change: dict[str, Any], text: str
) -> None:
    before = people.row_counts()
    page = owner.post(PAGE, **FORM | change)
    assert (page.status_code, text in page.text) == (422, True)
    assert people.row_counts() == before


def test_the_form_offers_the_permissions_that_one_holds(member: Browser, access: Access, people: People) -> None:
    assert 'name="scopes"' not in member.get(f"{PAGE}/new").text
    row = people.row(email="member@example.com")
    assert row
    access.grant(access.role("Reader", "users.read"), user_id=row["id"])
    assert re.findall(r'name="scopes"\s+value="([\w.]+)"', member.get(f"{PAGE}/new").text) == ["users.read"]
    before = people.row_counts()
    assert "its owner lacks" in member.post(PAGE, **FORM | {"scopes": ["users.create"]}).text
    assert people.row_counts() == before


def test_people_without_permissions_can_create_a_token(app: App, member: Browser) -> None:
    secret = secret_in(member.post(PAGE, name="Own", days="7").text)
    assert Api(app, secret).get("/me").json["permissions"] == {"everywhere": [], "groups": {}}


def test_a_token_is_revoked_after_a_question(owner: Browser, tokens: Tokens, people: People) -> None:
    api, token_id = tokens.create(people.owner(), name="Old laptop")
    assert "Old laptop" in owner.get(f"{PAGE}/{token_id}/revocation").text
    assert owner.post(f"{PAGE}/{token_id}/revocation").location == PAGE
    assert code_of(api.get("/me")) == "token_revoked"
    assert "Old laptop" not in owner.get(PAGE).text.partition("<tbody>")[2]
    assert "Old laptop" in owner.get(f"{PAGE}?state=revoked").text.partition("<tbody>")[2]


def test_a_rotated_token_is_shown_once(app: App, owner: Browser, tokens: Tokens, people: People) -> None:
    old, token_id = tokens.create(people.owner(), "users.read")
    assert "users.read" not in owner.get(f"{PAGE}/{token_id}/rotation").text
    new = Api(app, secret_in(owner.post(f"{PAGE}/{token_id}/rotation", overlap_hours="0").text))
    assert new.get("/me").json["token"]["scopes"] == ["users.read"]
    assert code_of(old.get("/me")) == "token_expired"


def test_the_audit_trail_names_the_permissions_of_a_new_token(owner: Browser, people: People) -> None:
    owner.post(PAGE, **FORM)
    page = owner.get(f"/users/{people.owner().id}/activity").text
    for text in ("API token created", "HR sync", "Begins with", "See people", "127.0.0.0/8"):
        assert text in page


@pytest.mark.parametrize("hours", ["-1", "169", "soon", ""])
def test_a_bad_overlap_is_422_and_leaves_no_trace(owner: Browser, tokens: Tokens, people: People, hours: str) -> None:
    _api, token_id = tokens.create(people.owner())
    before = people.row_counts()
    assert owner.post(f"{PAGE}/{token_id}/rotation", overlap_hours=hours).status_code == 422
    assert people.row_counts() == before
    assert tokens.row(token_id).rotated_at is None


@pytest.mark.parametrize("action", ["revocation", "rotation"])
def test_tokens_of_others_are_404(member: Browser, tokens: Tokens, people: People, action: str) -> None:
    _api, token_id = tokens.create(people.owner())
    before = people.row_counts()
    address = f"{PAGE}/{token_id}/{action}"
    assert (member.get(address).status_code, member.post(address, overlap_hours="1").status_code) == (404, 404)
    assert people.row_counts() == before


@pytest.mark.parametrize("address", ["", "/{}/revocation", "/{}/rotation"])
def test_changes_need_a_recent_password(owner: Browser, tokens: Tokens, people: People, address: str) -> None:
    _api, token_id = tokens.create(people.owner())
    before = people.row_counts()
    with time_machine.travel(now() + timedelta(minutes=11)):
        response = owner.post(PAGE + address.format(token_id), **FORM)
    assert response.location.startswith("/confirm")
    assert people.row_counts() == before


def test_the_page_takes_as_many_statements_for_one_token_as_for_thirty(
    app: App, owner: Browser, tokens: Tokens, people: People
) -> None:
    counts = []
    for more in (1, 29):
        for _number in range(more):
            tokens.create(people.owner(), "users.read")
        owner.get(PAGE)
        with captured_queries(app) as seen:
            assert owner.get(PAGE).status_code == 200
        counts.append(len(seen))
    # The session, the permissions, and the list with its count.
    assert counts[0] == counts[1] <= 3


def test_the_last_use_shows_when_and_where(owner: Browser, tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner())
    api.get("/me", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert "192.0.2.7" in owner.get(PAGE).text


def test_a_bad_parameter_is_400(owner: Browser) -> None:
    assert {owner.get(f"{PAGE}?{query}").status_code for query in ("state=x", "sort=name", "after=x")} == {400}
