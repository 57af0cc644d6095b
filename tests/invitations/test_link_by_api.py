"""Programs create an invitation link to pass on."""

from __future__ import annotations

import pytest

from tests.api_description import check_described
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api, Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PATH = "/api/v1/users/{user_id}/invitation/link"


def test_the_link_lets_the_user_in(api: Api, people: People, visitor: Browser) -> None:
    anna = people.create(name="Anna")
    spec, address = api.get("/openapi.json").json, f"/users/{anna.id}/invitation/link"
    answer = api.post(address)
    check_described(spec, "post", PATH, answer)
    visitor.get("/invitation" + answer.json["url"].partition("/invitation")[2])
    assert visitor.get("/invitation").status_code == 200
    assert api.post(f"/users/{people.owner().id}/invitation/link").status_code == 403
    boris = people.create(name="Boris", password=people.password)
    taken = api.post(f"/users/{boris.id}/invitation/link")
    assert taken.status_code == 409
    check_described(spec, "post", PATH, taken)


def test_it_takes_the_permission_to_reset(app: App, people: People) -> None:
    anna = people.create(name="Anna")
    limited, _id = Tokens(app).create(people.owner(), "users.read", "users.create")
    before = people.row_counts()
    assert code_of(limited.post(f"/users/{anna.id}/invitation/link")) == "missing_scope"
    assert people.row_counts() == before
