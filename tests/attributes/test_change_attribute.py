"""Edit, move, delete and restore attributes."""

from __future__ import annotations

import pytest

from tests.attributes.conftest import DEPARTMENTS, Catalogue
from tests.attributes.test_define_attribute import FORM
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def form_of(version: int = 1, **changes: str) -> dict[str, str]:
    return {name: text for name, text in FORM.items() if name != "key"} | {"version": str(version)} | changes


def test_the_form_shows_the_attribute(owner: Browser, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("department", "choice", required=True, help="As in the contract")
    page = owner.get(f"/settings/attributes/{attribute_id}/edit").text
    assert "sales | Sales | Продажи" in page
    assert "As in the contract" in page
    assert "checked" in page


def test_a_change_is_saved_and_recorded(owner: Browser, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("department", "choice")
    response = owner.post(f"/settings/attributes/{attribute_id}", **form_of(label_en="Unit"))
    assert response.status_code == 303
    assert catalogue.row(attribute_id)["label_en"] == "Unit"
    _created, (action, changes) = people.audit_trail(attribute_id)
    assert action == "attribute.updated"
    assert changes["label_en"] == ["Department", "Unit"]
    assert changes["required"] == ["no", "yes"]


def test_an_unchanged_attribute_is_not_recorded(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("department", "choice")
    catalogue.change(attribute_id, label_en="Department")
    assert [action for action, _changes in people.audit_trail(attribute_id)] == ["attribute.created"]


def test_a_stale_change_is_not_saved(owner: Browser, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("department", "choice")
    catalogue.change(attribute_id, help="New")
    response = owner.post(f"/settings/attributes/{attribute_id}", **form_of(version=1, help="Mine"))
    assert response.status_code == 409
    assert "Someone else saved other changes" in response.text
    assert catalogue.row(attribute_id)["help"] == "New"


def test_the_type_can_change_if_there_are_no_values(catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("age")
    catalogue.change(attribute_id, kind="number")
    assert catalogue.row(attribute_id)["kind"] == "number"


@pytest.mark.parametrize("kind", ["number", "date", "yes_no", "person", "choice"])
def test_records_from_before_a_change_of_the_type_are_shown(
    app: App, owner: Browser, catalogue: Catalogue, people: People, kind: str
) -> None:
    attribute_id = catalogue.define("age")
    anna = people.create(name="Anna", attributes={"age": "very old"})
    with app.app_context():
        update_user(anna.id, attributes={"age": None}, by=TESTER)
    catalogue.change(attribute_id, kind=kind, **({"choices": DEPARTMENTS} if kind == "choice" else {}))
    answer = owner.get(f"/users/{anna.id}/activity")
    assert (answer.status_code, "very old" in answer.text) == (200, True)


def test_attributes_can_be_moved(owner: Browser, catalogue: Catalogue, people: People) -> None:
    ids = [catalogue.define(key) for key in ("one", "two", "three")]
    assert owner.post(f"/settings/attributes/{ids[2]}/up").status_code == 303
    assert catalogue.keys() == ["one", "three", "two"]
    owner.post(f"/settings/attributes/{ids[0]}/down")
    owner.post(f"/settings/attributes/{ids[1]}/down")
    assert catalogue.keys() == ["three", "one", "two"]
    assert people.audit_trail(ids[2])[-1] == ("attribute.updated", {"position": ["3", "2"]})


def test_a_restored_attribute_is_the_last_one(owner: Browser, catalogue: Catalogue, people: People) -> None:
    attribute_id, _other = catalogue.define("one"), catalogue.define("two")
    assert (
        "You can restore the attribute with all values"
        in owner.get(f"/settings/attributes/{attribute_id}/deletion").text
    )
    owner.post(f"/settings/attributes/{attribute_id}/deletion")
    assert catalogue.keys() == ["two"]
    assert owner.get(f"/settings/attributes/{attribute_id}/edit").status_code == 404
    owner.post(f"/settings/attributes/{attribute_id}/restoration")
    assert catalogue.keys() == ["two", "one"]
    assert [action for action, _changes in people.audit_trail(attribute_id)] == [
        "attribute.created",
        "attribute.deleted",
        "attribute.restored",
    ]


@pytest.mark.both_engines
def test_an_attribute_whose_name_is_in_use_cannot_be_restored(owner: Browser, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("one", label_en="Badge")
    catalogue.delete(attribute_id)
    catalogue.define("two", label_en="Badge")
    assert owner.post(f"/settings/attributes/{attribute_id}/restoration").status_code == 409
    assert catalogue.keys() == ["two"]
