"""Sorting and narrowing people by an attribute: what words mean, and the same order on both engines."""

from __future__ import annotations

from typing import Any
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
    sortable_attributes,
    value_condition,
)
from webapp.core.errors import Invalid
from webapp.core.permissions import ALL_POWERS, Permission, Powers
from webapp.db.session import db
from webapp.lists import count as counting
from webapp.users.models import User
from webapp.web.api import App


def found(app: App, attribute_id: UUID, text: str, **options: Any) -> set[str]:
    """The names of whoever this filter keeps."""
    with app.app_context():
        condition = value_condition(db.session.get_one(Attribute, attribute_id), text, **options)
        return set(db.session.scalars(select(User.name).where(condition)))


def order(app: App, attribute_id: UUID) -> list[str]:
    with app.app_context():
        by = sort_expression(db.session.get_one(Attribute, attribute_id))
        return list(db.session.scalars(select(User.name).order_by(by, User.id)))


def fill(people: People, key: str, values: dict[str, Any]) -> None:
    """People called so with these values; None for none."""
    for name, value in values.items():
        people.create(name=name, attributes={} if value is None else {key: value})


def test_texts(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("room")
    fill(people, "room", {"A": "Ёлка 12", "B": "ёлка 12", "C": "елка", "D": None, "E": "%"})
    assert found(app, made, "ЕЛКА  12") == {"A", "B"}
    assert found(app, made, "елк") == set()
    assert found(app, made, "%") == {"E"}
    assert found(app, made, "-") == found(app, made, "None") == {"D"}
    assert order(app, made) == ["D", "E", "C", "A", "B"]


@pytest.mark.parametrize("asked", ["attr.room=елка", "q=attr.room:елка+-ann", "q=елка+attr.room:елка"])
def test_many_are_listed_as_few_are(
    catalogue: Catalogue, people: People, api: Api, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    catalogue.define("room")
    fill(people, "room", {"Елка": "Ёлка", "Bert": "елка", "Cid": None, "Dan": "ель"})
    fill(people, "room", {"Ann": "елка", "Елкин": "елка"})

    def listed() -> list[str]:
        return [user["name"] for user in api.get(f"/users?{asked}&sort=-created").json["items"]]

    few = listed()
    assert few
    monkeypatch.setattr(counting, "COUNT_BOUND", -1)
    assert listed() == few


def test_numbers(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("size", "number")
    fill(people, "size", {"A": 10, "B": 9, "C": -1.5, "D": None, "E": 10**15, "F": -(10**15)})
    assert order(app, made) == ["D", "F", "C", "B", "A", "E"]
    assert found(app, made, "10,0") == {"A"}
    assert found(app, made, "-1.5..9") == {"C", "B"}
    assert found(app, made, "..9") == {"F", "C", "B"}
    assert found(app, made, "9..") == {"B", "A", "E"}
    assert found(app, made, "none") == {"D"}


def test_dates(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("since", "date")
    fill(people, "since", {"A": "2026-01-01", "B": "2026-02-01", "C": "1999-12-31", "D": None})
    assert order(app, made) == ["D", "C", "A", "B"]
    assert found(app, made, "01.02.2026") == {"B"}
    assert found(app, made, "2026-01-01..2026-02-01") == {"A", "B"}
    assert found(app, made, "..1.1.2026") == {"A", "C"}


def test_choices_go_by_value_and_by_name_in_either_language(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("department", "choice")
    fill(people, "department", {"A": "sales", "B": "it", "C": None})
    assert found(app, made, "sales") == found(app, made, "Продажи") == found(app, made, "SALES") == {"A"}
    assert found(app, made, "-") == {"C"}


def test_a_choice_may_be_called_none(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("plan", "choice", choices=[{"value": "none"}, {"value": "full"}])
    fill(people, "plan", {"A": "none", "B": None})
    assert found(app, made, "none") == {"A"}
    assert found(app, made, "-") == {"B"}


def test_yes_and_no(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("away", "yes_no")
    fill(people, "away", {"A": True, "B": False, "C": None})
    assert found(app, made, "yes") == found(app, made, "Да") == {"A"}
    assert found(app, made, "no") == {"B"}
    assert found(app, made, "none") == {"C"}


def test_people_go_by_id_or_by_what_the_caller_finds(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("manager", "person")
    chief = people.create(name="Chief", email="chief@example.com")
    fill(people, "manager", {"A": str(chief.id), "B": None})
    assert found(app, made, str(chief.id).upper()) == {"A"}
    assert found(app, made, "chief", find_person=lambda _name: chief.id) == {"A"}
    with pytest.raises(Invalid):
        found(app, made, "chief")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "many"),
        ("number", ".."),
        ("number", "9..5"),
        ("number", "1..x"),
        ("number", ""),
        ("date", "yesterday"),
        ("date", "2026-02-30.."),
        ("choice", "marketing"),
        ("yes_no", "maybe"),
        ("text", "\u202e"),
        ("text", "x" * 501),
        ("person", "nobody"),
    ],
)
def test_what_cannot_be_read_is_refused_with_words(app: App, catalogue: Catalogue, kind: str, text: str) -> None:
    made = catalogue.define("it", kind)
    with pytest.raises(Invalid) as refusal:
        found(app, made, text)
    assert refusal.value.problems[0].field == "attributes.it"


def test_what_one_may_not_see_one_may_not_list(app: App, catalogue: Catalogue) -> None:
    catalogue.define("room")
    catalogue.define("salary", "number", visible_to="administrators", editable_by="administrators")
    catalogue.delete(catalogue.define("gone"))
    staff = Powers(frozenset({Permission.USERS_READ}))
    with app.app_context():
        assert [each.key for each in listed_attributes(staff)] == ["room"]
        assert [each.key for each in listed_attributes(ALL_POWERS)] == ["room", "salary"]
        assert listed_attributes(Powers()) == []


def test_before_its_index_is_there_no_list_is_sorted_by_it(app: App, catalogue: Catalogue) -> None:
    catalogue.define("room")
    waiting = catalogue.define("size", "number", sortable=True)
    with app.app_context():
        assert sortable_attributes(ALL_POWERS) == []
        with pytest.raises(Invalid, match="its index is being created"):
            check_sortable(db.session.get_one(Attribute, waiting))


def test_the_trail_is_found_by_an_attribute(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("room", label_en="Office")
    people.create(name="Zoe", attributes={"room": "12"})
    people.create(name="Xavier")
    page = owner.get("/audit?field=attributes.room").text
    assert '<option value="attributes.room" selected>Office</option>' in page
    assert "Zoe" in page
    assert "Xavier" not in page


def test_an_auditor_finds_hidden_ones_as_they_may_read_them(app: App, catalogue: Catalogue, people: People) -> None:
    catalogue.define("salary", "number", visible_to="administrators", editable_by="administrators")
    people.create(email="auditor@example.com", password=people.password, roles=[AUDITOR])
    assert 'value="attributes.salary"' in Browser(app).signed_in_as("auditor@example.com").get("/audit").text
