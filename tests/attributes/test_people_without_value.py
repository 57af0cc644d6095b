"""People without a value come last in lists that are sorted by an attribute, in both directions and on each page."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from sqlalchemy import update

from tests.attributes.conftest import Catalogue
from tests.clients import Api
from tests.factories import People
from webapp.attributes.models import Attribute
from webapp.db.session import db
from webapp.lists import count as counting
from webapp.web.api import App

VALUES: dict[str, dict[str, Any]] = {
    "text": {"Bert": "b", "Ann": "a", "Cid": None, "Dan": "d", "Eva": None, "Fay": None},
    "number": {"Bert": 2, "Ann": -1.5, "Cid": None, "Dan": 10**15, "Eva": None, "Fay": None},
}
# The owner has no value, and the lowest ID.
UPWARDS = ["Ann", "Bert", "Dan", "Ольга Смирнова", "Cid", "Eva", "Fay"]
DOWNWARDS = ["Dan", "Bert", "Ann", "Fay", "Eva", "Cid", "Ольга Смирнова"]


@pytest.fixture(params=VALUES)
def seven(request: pytest.FixtureRequest, app: App, api: Api, catalogue: Catalogue, people: People) -> None:
    """Create six people beside the owner, three of them with a value of the attribute `level`."""
    catalogue.define("level", request.param, sortable=True)
    with app.app_context():
        # The order does not depend on the index, only the time does.
        db.session.execute(update(Attribute).values(indexed_at=datetime.now(UTC)))
        db.session.commit()
    for name, value in VALUES[request.param].items():
        people.create(name=name, attributes={} if value is None else {"level": value})


def read_pages(api: Api, **query: str) -> list[list[str]]:
    """Return the names of each page. Check that the pages backwards from the last one are the same."""
    page = api.get("/users", query_string=query).json
    found = [names(page)]
    while page["next"]:
        page = api.get("/users", query_string=query | {"after": page["next"]}).json
        found.append(names(page))
    backwards = [names(page)]
    while page["previous"]:
        page = api.get("/users", query_string=query | {"before": page["previous"]}).json
        backwards.append(names(page))
    # Backwards, a page that starts before the first row is the first page.
    assert [name for page in backwards for name in page] == [name for page in reversed(found) for name in page]
    return found


def names(page: Any) -> list[str]:
    return [user["name"] for user in page["items"]]


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("bound", [counting.COUNT_BOUND, -1], ids=["few", "many"])
def test_people_without_a_value_come_last(api: Api, monkeypatch: pytest.MonkeyPatch, bound: int) -> None:
    """Pages end before, at and after the last person with a value."""
    monkeypatch.setattr(counting, "COUNT_BOUND", bound)
    queries = ({}, {"q": "example.com"}, {"created_from": "2020-01-01"})
    orders = (("attr.level", UPWARDS), ("-attr.level", DOWNWARDS))
    for query, (sort, expected), limit in product(queries, orders, (2, 3, 50)):
        found = read_pages(api, sort=sort, limit=str(limit), **query)
        assert [name for page in found for name in page] == expected, (query, sort, limit)
        assert all(len(page) == limit for page in found[:-1])


@pytest.mark.usefixtures("seven")
def test_both_parts_are_counted(api: Api) -> None:
    for query, sort, limit in product(({}, {"q": "example.com"}), ("attr.level", "-attr.level"), ("1", "50")):
        page = api.get("/users", query_string=query | {"sort": sort, "limit": limit}).json
        assert page["count"] == {"value": 7, "exact": True}


@pytest.mark.usefixtures("seven")
def test_a_list_starts_at_a_text_or_at_a_number(api: Api, request: pytest.FixtureRequest) -> None:
    is_number = request.node.callspec.params["seven"] == "number"
    found = api.get(f"/users?sort=attr.level&at={2 if is_number else 'b'}")
    assert names(found.json) == UPWARDS[1:]
    wrong = api.get("/users?sort=attr.level&at=b")
    assert (wrong.status_code == 400) == is_number
    assert not is_number or wrong.json["detail"] == "Use a number"
