"""Changing an attribute: all but its key, and nothing that people's values stand against."""

from __future__ import annotations

from tests.attributes.conftest import Catalogue
from tests.attributes.test_define_attribute import FORM
from tests.clients import Browser
from tests.factories import People


def form_of(version: int = 1, **given: str) -> dict[str, str]:
    return {name: text for name, text in FORM.items() if name != "key"} | {"version": str(version)} | given


def test_the_form_holds_what_it_is(owner: Browser, catalogue: Catalogue) -> None:
    made = catalogue.define("department", "choice", required=True, help="As in the contract")
    page = owner.get(f"/settings/attributes/{made}/edit").text
    assert "sales | Sales | Продажи" in page
    assert "As in the contract" in page
    assert "checked" in page


def test_it_is_changed_and_recorded(owner: Browser, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("department", "choice")
    answer = owner.post(f"/settings/attributes/{made}", **form_of(label_en="Unit"))
    assert answer.status_code == 303
    assert catalogue.of(made)["label_en"] == "Unit"
    _created, (action, changes) = people.audit_trail(made)
    assert action == "attribute.updated"
    assert changes["label_en"] == ["Department", "Unit"]
    assert changes["required"] == ["no", "yes"]


def test_saving_it_as_it_is_records_nothing(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("department", "choice")
    catalogue.change(made, label_en="Department")
    assert [action for action, _changes in people.audit_trail(made)] == ["attribute.created"]


def test_of_two_who_edit_it_the_second_is_told(owner: Browser, catalogue: Catalogue) -> None:
    made = catalogue.define("department", "choice")
    catalogue.change(made, help="New")
    answer = owner.post(f"/settings/attributes/{made}", **form_of(version=1, help="Mine"))
    assert answer.status_code == 422
    assert "Someone else changed this attribute" in answer.text
    assert catalogue.of(made)["help"] == "New"


def test_the_type_can_change_while_nobody_has_a_value(catalogue: Catalogue) -> None:
    made = catalogue.define("age")
    catalogue.change(made, kind="number")
    assert catalogue.of(made)["kind"] == "number"


def test_they_are_moved(owner: Browser, catalogue: Catalogue, people: People) -> None:
    made = [catalogue.define(key) for key in ("one", "two", "three")]
    assert owner.post(f"/settings/attributes/{made[2]}/up").status_code == 303
    assert catalogue.keys() == ["one", "three", "two"]
    owner.post(f"/settings/attributes/{made[0]}/down")
    owner.post(f"/settings/attributes/{made[1]}/down")
    assert catalogue.keys() == ["three", "one", "two"]
    assert people.audit_trail(made[2])[-1] == ("attribute.updated", {"position": ["3", "2"]})


def test_a_deleted_one_is_gone_and_comes_back_last(owner: Browser, catalogue: Catalogue, people: People) -> None:
    made, _other = catalogue.define("one"), catalogue.define("two")
    assert "You can restore the attribute with all values" in owner.get(f"/settings/attributes/{made}/deletion").text
    owner.post(f"/settings/attributes/{made}/deletion")
    assert catalogue.keys() == ["two"]
    assert owner.get(f"/settings/attributes/{made}/edit").status_code == 404
    owner.post(f"/settings/attributes/{made}/restoration")
    assert catalogue.keys() == ["two", "one"]
    assert [action for action, _changes in people.audit_trail(made)] == [
        "attribute.created",
        "attribute.deleted",
        "attribute.restored",
    ]


def test_one_whose_name_is_taken_by_now_does_not_come_back(owner: Browser, catalogue: Catalogue) -> None:
    made = catalogue.define("one", label_en="Badge")
    catalogue.delete(made)
    catalogue.define("two", label_en="Badge")
    assert owner.post(f"/settings/attributes/{made}/restoration").status_code == 409
    assert catalogue.keys() == ["two"]
