"""Programs erase deleted users."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.api_description import check_described
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from webapp.access.models import ADMINISTRATOR
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PATH = "/api/v1/users/{user_id}/erasure"


def test_a_deleted_user_is_erased(api: Api, people: People) -> None:
    anna = people.create(name="Anna")
    spec, before = api.get("/openapi.json").json, people.row_counts()
    refused = api.post(f"/users/{anna.id}/erasure")
    assert (refused.status_code, people.row_counts()) == (400, before)
    api.delete(f"/users/{anna.id}")
    erased = api.post(f"/users/{anna.id}/erasure")
    assert (erased.status_code, people.row(id=anna.id)) == (204, None)
    assert people.audit_trail(anna.id)[-1][0] == "user.purged"
    for answer in (refused, erased, api.post(f"/users/{anna.id}/erasure")):
        check_described(spec, "post", PATH, answer)


def test_the_permission_and_the_scope_are_required(app: App, api: Api, people: People, access: Access) -> None:
    anna = people.create(name="Anna")
    api.delete(f"/users/{anna.id}")
    limited, _id = Tokens(app).create(people.owner(), "users.read", "users.delete")
    helper = access.person("Helper")
    access.grant(access.role("Eraser", "users.read", "users.purge"), user_id=helper.id, scope_id=access.group("North"))
    scoped = Api(app, people.token_for(helper))
    administrator = Api(app, people.token_for(access.person("Boris", roles=[ADMINISTRATOR])))
    before = people.row_counts()
    assert code_of(limited.post(f"/users/{anna.id}/erasure")) == "missing_scope"
    assert scoped.post(f"/users/{anna.id}/erasure").status_code == 404
    assert administrator.post(f"/users/{anna.id}/erasure").status_code == 403
    assert people.row_counts() == before
