"""All filters of an address can be said in the search language, and the other way round."""

from __future__ import annotations

import random

import pytest

from tests.clients import Api, Browser
from tests.directory.test_several_values import crowd  # noqa: F401
from webapp.directory.search_text import as_parameters, as_search
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
VALUES = {
    "status": ["active", "invited", "deactivated", "deleted"],
    "role": ["Helpdesk", "Auditor", "Owner"],
    "group": ["A", "B", '"A,B"', '"Sales ""North"""'],
    "ending": ["7", "30"],
    "last_sign_in": ["never", "today", "7d", "<30d", "<90d", "2026-01-01..", ">=2001-01-01"],
    "created": ["today", "yesterday", "30d", "2001-01-01..2001-12-31", "..2001-01-01"],
    "invitation": ["sent", "queued", "expired"],
    "second_factor": ["yes", "no", "missing"],
    "attr.team": ["sales", "it", "none", '"North, East"'],
    "attr.town": ['"Paris"', '"Rome"', '"Paris, France"', '"none"'],
    "attr.start": ["7d", "+30d", "none", "2001-01-01..2001-12-31"],
    "attr.size": ["1..2", "7..", "..5", "none"],
}
OLD = {
    "never_signed_in": "1", "last_sign_in_after": "2001-01-01", "last_sign_in_before": "2026-01-01",
    "created_from": "2001-01-01", "created_to": "2001-01-02",
}  # fmt: skip
ONE_VALUE = {"ending"}


def random_parameters(chance: random.Random) -> dict[str, str]:
    names = chance.sample(sorted(VALUES), chance.randint(1, 2))
    parameters = {}
    for name in names:
        number = 1 if name in ONE_VALUE else chance.randint(1, min(3, len(VALUES[name])))
        parameters[name] = ",".join(chance.sample(VALUES[name], number))
    if chance.random() < 0.2:
        parameters |= dict([chance.choice(sorted(OLD.items()))])
    return parameters


def found(api: Api, parameters: dict[str, str]) -> list[str]:
    response = api.get("/users", query_string=parameters)
    assert response.status_code == 200, (parameters, response.json)
    return [user["email"] for user in response.json["items"]]


@pytest.mark.usefixtures("crowd")
def test_both_say_the_same(app: App, api: Api, owner: Browser) -> None:
    chance, people = random.Random(18), 0
    for _number in range(30):
        parameters = random_parameters(chance)
        with app.test_request_context("/users"):
            search = as_search(parameters)
            attributes = [name.removeprefix("attr.") for name in VALUES if name.startswith("attr.")]
            back = as_parameters(search, attributes, ())
        matches = found(api, parameters)
        assert found(api, {"q": search}) == matches, (parameters, search)
        assert found(api, back) == matches, (parameters, back)
        assert "q" not in back or parameters.keys() & OLD.keys(), (parameters, back)
        people += len(matches)
    assert people
