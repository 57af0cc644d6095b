"""Programs see and cancel the change of an e-mail address."""

from __future__ import annotations

import pytest

from tests.api_description import check_described
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api, Browser
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PATH, NEW = "/api/v1/users/{user_id}/email-change", "new@example.com"


def test_a_pending_change_is_shown_and_cancelled(
    api: Api, member: Browser, visitor: Browser, people: People, mailbox: Mailbox
) -> None:
    address = f"/users/{people.row(email='member@example.com')['id']}/email-change"
    spec, none = api.get("/openapi.json").json, api.get(address)
    member.post("/account/email", email=NEW)
    shown = api.get(address)
    assert (none.status_code, shown.json["email"]) == (404, NEW)
    cancelled = [api.delete(address) for _time in range(2)]
    assert [answer.status_code for answer in cancelled] == [204, 204]
    visitor.get(mailbox.link(NEW))
    assert visitor.post("/email-change").status_code == 410
    for method, answer in (("get", none), ("get", shown), ("delete", cancelled[0])):
        check_described(spec, method, PATH, answer)


def test_cancelling_takes_the_scope(app: App, member: Browser, people: People, mailbox: Mailbox) -> None:
    member.post("/account/email", email=NEW)
    address = f"/users/{people.row(email='member@example.com')['id']}/email-change"
    limited, _id = Tokens(app).create(people.owner(), "users.read")
    before = people.row_counts()
    assert code_of(limited.delete(address)) == "missing_scope"
    assert people.row_counts() == before
    assert limited.get(address).json["email"] == NEW
