"""Sort and filter users by an attribute, with the same results on both engines."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.attributes.conftest import Catalogue
from tests.clients import Api, Browser
from tests.factories import People
from webapp.access.models import AUDITOR
from webapp.attributes.models import Attribute
from webapp.attributes.sorting_and_filtering import (
    check_sortable,
    listed_attributes,
    sort_expression,
    value_condition,
)
from webapp.core.errors import Invalid
from webapp.core.permissions import ALL_POWERS, Permission, Powers
from webapp.db.session import db
from webapp.lists import count as counting
from webapp.users.models import User
from webapp.web.api import App


def find_names(app: App, attribute_id: UUID, text: str, **options: Any) -> set[str]:
    """Return the names of users that match the filter."""
    with app.app_context():
        condition = value_condition(db.session.get_one(Attribute, attribute_id), text, **options)
        return set(db.session.scalars(select(User.name).where(condition)))


def sorted_names(app: App, attribute_id: UUID) -> list[str]:
    with app.app_context():
        key = sort_expression(db.session.get_one(Attribute, attribute_id))
        return list(db.session.scalars(select(User.name).order_by(key, User.id)))


def create_users(people: People, key: str, values: dict[str, Any]) -> None:
    """Create users by name with values of the attribute. None means no value."""
    for name, value in values.items():
        people.create(name=name, attributes={} if value is None else {key: value})


def test_text_attributes(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("room")
    create_users(people, "room", {"A": "Ёлка 12", "B": "ёлка 12", "C": "елка", "D": None, "E": "%"})
    assert find_names(app, attribute_id, "ЕЛКА  12") == {"A", "B"}
    assert find_names(app, attribute_id, "елк") == set()
    assert find_names(app, attribute_id, "%") == {"E"}
    assert find_names(app, attribute_id, "-") == find_names(app, attribute_id, "None") == {"D"}
    assert sorted_names(app, attribute_id) == ["D", "E", "C", "A", "B"]


@pytest.mark.parametrize("query", ["attr.room=елка", "q=attr.room:елка+-ann", "q=елка+attr.room:елка"])
def test_lists_are_the_same_for_few_and_many_matches(
    catalogue: Catalogue, people: People, api: Api, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    catalogue.define("room")
    create_users(people, "room", {"Елка": "Ёлка", "Bert": "елка", "Cid": None, "Dan": "ель"})
    create_users(people, "room", {"Ann": "елка", "Елкин": "елка"})

    def listed() -> list[str]:
        return [user["name"] for user in api.get(f"/users?{query}&sort=-created").json["items"]]

    expected = listed()
    assert expected
    monkeypatch.setattr(counting, "COUNT_BOUND", -1)
    assert listed() == expected


def test_number_attributes(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("size", "number")
    create_users(people, "size", {"A": 10, "B": 9, "C": -1.5, "D": None, "E": 10**15, "F": -(10**15)})
    assert sorted_names(app, attribute_id) == ["D", "F", "C", "B", "A", "E"]
    assert find_names(app, attribute_id, "10,0") == {"A"}
    assert find_names(app, attribute_id, "-1.5..9") == {"C", "B"}
    assert find_names(app, attribute_id, "..9") == {"F", "C", "B"}
    assert find_names(app, attribute_id, "9..") == {"B", "A", "E"}
    assert find_names(app, attribute_id, "none") == {"D"}


def test_date_attributes(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("since", "date")
    create_users(people, "since", {"A": "2026-01-01", "B": "2026-02-01", "C": "1999-12-31", "D": None})
    assert sorted_names(app, attribute_id) == ["D", "C", "A", "B"]
    assert find_names(app, attribute_id, "01.02.2026") == {"B"}
    assert find_names(app, attribute_id, "2026-01-01..2026-02-01") == {"A", "B"}
    assert find_names(app, attribute_id, "..1.1.2026") == {"A", "C"}


def test_choices_are_found_by_value_and_label(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("department", "choice")
    create_users(people, "department", {"A": "sales", "B": "it", "C": None})
    assert (
        find_names(app, attribute_id, "sales")
        == find_names(app, attribute_id, "Продажи")
        == find_names(app, attribute_id, "SALES")
        == {"A"}
    )
    assert find_names(app, attribute_id, "-") == {"C"}


def test_a_choice_can_have_the_value_none(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("plan", "choice", choices=[{"value": "none"}, {"value": "full"}])
    create_users(people, "plan", {"A": "none", "B": None})
    assert find_names(app, attribute_id, "none") == {"A"}
    assert find_names(app, attribute_id, "-") == {"B"}


def test_yes_no_attributes(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("away", "yes_no")
    create_users(people, "away", {"A": True, "B": False, "C": None})
    assert find_names(app, attribute_id, "yes") == find_names(app, attribute_id, "Да") == {"A"}
    assert find_names(app, attribute_id, "no") == {"B"}
    assert find_names(app, attribute_id, "none") == {"C"}


def test_people_are_found_by_id_or_lookup(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("manager", "person")
    chief = people.create(name="Chief", email="chief@example.com")
    create_users(people, "manager", {"A": str(chief.id), "B": None})
    assert find_names(app, attribute_id, str(chief.id).upper()) == {"A"}
    assert find_names(app, attribute_id, "chief", find_person=lambda _name: chief.id) == {"A"}
    with pytest.raises(Invalid):
        find_names(app, attribute_id, "chief")


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "many"),
        ("number", ".."),
        ("number", "9..5"),
        ("number", "1..x"),
        ("number", ""),
        ("date", "soon"),
        ("date", "2026-02-30.."),
        ("choice", "marketing"),
        ("yes_no", "maybe"),
        ("text", "\u202e"),
        ("text", "x" * 501),
        ("person", "nobody"),
    ],
)
def test_invalid_filters_are_refused(app: App, catalogue: Catalogue, kind: str, text: str) -> None:
    attribute_id = catalogue.define("it", kind)
    with pytest.raises(Invalid) as refusal:
        find_names(app, attribute_id, text)
    assert refusal.value.problems[0].field == "attributes.it"


@pytest.mark.one_engine
def test_only_visible_attributes_are_listed(app: App, catalogue: Catalogue) -> None:
    catalogue.define("room")
    catalogue.define("salary", "number", visible_to="administrators", editable_by="administrators")
    catalogue.delete(catalogue.define("gone"))
    staff = Powers(frozenset({Permission.USERS_READ}))
    with app.app_context():
        assert [each.key for each in listed_attributes(staff)] == ["room"]
        assert [each.key for each in listed_attributes(ALL_POWERS)] == ["room", "salary"]
        assert listed_attributes(Powers()) == []


@pytest.mark.one_engine
def test_an_attribute_without_index_cannot_sort(app: App, catalogue: Catalogue) -> None:
    catalogue.define("room")
    waiting = catalogue.define("size", "number", sortable=True)
    with app.app_context(), pytest.raises(Invalid, match="its index is being created"):
        check_sortable(db.session.get_one(Attribute, waiting))


def test_the_audit_trail_can_be_filtered_by_an_attribute(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("room", label_en="Office")
    people.create(name="Zoe", attributes={"room": "12"})
    people.create(name="Xavier")
    page = owner.get("/audit?field=attributes.room").text
    assert '<option value="attributes.room" selected>Office</option>' in page
    assert "Zoe" in page
    assert "Xavier" not in page


def test_an_auditor_can_filter_the_audit_trail_by_a_hidden_attribute(
    app: App, catalogue: Catalogue, people: People
) -> None:
    catalogue.define("salary", "number", visible_to="administrators", editable_by="administrators")
    people.create(email="auditor@example.com", password=people.password, roles=[AUDITOR])
    assert 'value="attributes.salary"' in Browser(app).signed_in_as("auditor@example.com").get("/audit").text


@pytest.mark.one_engine
def test_the_description_of_the_api_shows_how_to_filter(catalogue: Catalogue, people: People, api: Api) -> None:
    catalogue.define("department", "choice")
    create_users(people, "department", {"A": "sales", "B": "it", "C": None})
    parameters = api.get("/openapi.json").json["paths"]["/api/v1/users"]["get"]["parameters"]
    described = next(one for one in parameters if one["name"] == "attr.KEY")
    # Of an object, OpenAPI sends each property as a parameter, unless the description says otherwise.
    assert (described["in"], described["schema"]["type"]) == ("query", "object")
    assert not {"style", "explode"} & described.keys()
    found = api.get(f"/users?{urlencode(described['example'])}").json
    assert [user["name"] for user in found["items"]] == ["A"]
    assert "attr.department=sales" in described["description"]
