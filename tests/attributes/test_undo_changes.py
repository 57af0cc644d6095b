"""Changes of attributes are taken back as any other: once, by who may make them, never over somebody else's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.attributes.conftest import Catalogue
from tests.attributes.test_change_attribute import form_of
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import AUDITOR
from webapp.audit.queries import latest_records_of
from webapp.web.api import App


def last(app: App, attribute_id: UUID) -> UUID:
    with app.app_context():
        return latest_records_of(attribute_id, 1)[0].id


def undo(owner: Browser, app: App, attribute_id: UUID) -> Any:
    return owner.post(f"/audit/{last(app, attribute_id)}/undo")


def test_an_edit_goes_back_with_every_name_of_a_choice(owner: Browser, app: App, catalogue: Catalogue) -> None:
    made = catalogue.define("department", "choice", help="As in the contract", sortable=True)
    before = catalogue.of(made)
    form = form_of(label_en="Unit", choices="x | Ex | Икс", visible_to="administrators", editable_by="administrators")
    page = owner.get(owner.post(f"/settings/attributes/{made}", **form).location).text
    assert f'action="/audit/{last(app, made)}/undo"' in page
    assert undo(owner, app, made).status_code == 303
    assert catalogue.of(made) | {"version": 1} == before


def test_new_names_of_a_choice_are_a_change(owner: Browser, app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("department", "choice")
    before = catalogue.of(made)["choices"]
    catalogue.change(made, choices=[before[0] | {"label_ru": "Сбыт"}, before[1]])
    assert people.audit_trail(made)[-1][1]["choices"][1] == ["sales | Sales | Сбыт", "it | IT | ИТ"]
    undo(owner, app, made)
    assert catalogue.of(made)["choices"] == before


def test_making_deleting_and_restoring_go_back(owner: Browser, app: App, catalogue: Catalogue) -> None:
    made = catalogue.define("room")
    for keys in ([], ["room"], []):
        assert undo(owner, app, made).status_code == 303
        assert catalogue.keys() == keys
    catalogue.restore(made)
    catalogue.delete(made)
    undo(owner, app, made)
    assert catalogue.keys() == ["room"]


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_move_goes_back(owner: Browser, app: App, catalogue: Catalogue, direction: str) -> None:
    _one, two, _three = (catalogue.define(key) for key in ("one", "two", "three"))
    owner.post(f"/settings/attributes/{two}/{direction}")
    assert catalogue.keys() != ["one", "two", "three"]
    undo(owner, app, two)
    assert catalogue.keys() == ["one", "two", "three"]


def test_what_was_changed_since_stands_in_the_way(owner: Browser, app: App, catalogue: Catalogue) -> None:
    made = catalogue.define("room")
    catalogue.change(made, help="One")
    first = last(app, made)
    catalogue.change(made, help="Two")
    assert owner.post(f"/audit/{first}/undo").status_code == 409
    assert catalogue.of(made)["help"] == "Two"


def test_values_stand_in_the_way_as_they_do_of_any_change(
    owner: Browser, app: App, catalogue: Catalogue, people: People
) -> None:
    made = catalogue.define("department", "choice")
    before = catalogue.of(made)["choices"]
    catalogue.change(made, choices=[*before, {"value": "new"}])
    people.create(attributes={"department": "new"})
    everything = people.row_counts()
    assert undo(owner, app, made).status_code == 422
    assert people.row_counts() == everything
    assert len(catalogue.of(made)["choices"]) == 3


def test_only_who_may_change_settings_takes_them_back(app: App, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("room")
    people.create(email="auditor@example.com", password=people.password, roles=[AUDITOR])
    auditor = Browser(app).signed_in_as("auditor@example.com")
    before = people.row_counts()
    assert auditor.post(f"/audit/{last(app, made)}/undo").status_code == 403
    assert people.row_counts() == before
