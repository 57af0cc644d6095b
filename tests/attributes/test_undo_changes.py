"""Undo changes of attributes."""

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

pytestmark = pytest.mark.one_engine


def last_record_id(app: App, attribute_id: UUID) -> UUID:
    with app.app_context():
        return latest_records_of(attribute_id, 1)[0].id


def undo(owner: Browser, app: App, attribute_id: UUID) -> Any:
    return owner.post(f"/audit/{last_record_id(app, attribute_id)}/undo")


def test_an_edit_can_be_undone_with_all_choices(owner: Browser, app: App, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("department", "choice", help="As in the contract", sortable=True)
    before = catalogue.row(attribute_id)
    form = form_of(label_en="Unit", choices="x | Ex | Икс", visible_to="administrators", editable_by="administrators")
    page = owner.get(owner.post(f"/settings/attributes/{attribute_id}", **form).location).text
    assert f'action="/audit/{last_record_id(app, attribute_id)}/undo"' in page
    assert undo(owner, app, attribute_id).status_code == 303
    assert catalogue.row(attribute_id) | {"version": 1} == before


def test_a_change_of_choice_labels_can_be_undone(
    owner: Browser, app: App, catalogue: Catalogue, people: People
) -> None:
    attribute_id = catalogue.define("department", "choice")
    before = catalogue.row(attribute_id)["choices"]
    catalogue.change(attribute_id, choices=[before[0] | {"label_ru": "Сбыт"}, before[1]])
    assert people.audit_trail(attribute_id)[-1][1]["choices"][1] == ["sales | Sales | Сбыт", "it | IT | ИТ"]
    undo(owner, app, attribute_id)
    assert catalogue.row(attribute_id)["choices"] == before


def test_creating_deleting_and_restoring_can_be_undone(owner: Browser, app: App, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("room")
    for keys in ([], ["room"], []):
        assert undo(owner, app, attribute_id).status_code == 303
        assert catalogue.keys() == keys
    catalogue.restore(attribute_id)
    catalogue.delete(attribute_id)
    undo(owner, app, attribute_id)
    assert catalogue.keys() == ["room"]


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_move_can_be_undone(owner: Browser, app: App, catalogue: Catalogue, direction: str) -> None:
    _one, two, _three = (catalogue.define(key) for key in ("one", "two", "three"))
    owner.post(f"/settings/attributes/{two}/{direction}")
    assert catalogue.keys() != ["one", "two", "three"]
    undo(owner, app, two)
    assert catalogue.keys() == ["one", "two", "three"]


def test_an_older_change_cannot_be_undone(owner: Browser, app: App, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("room")
    catalogue.change(attribute_id, help="One")
    first = last_record_id(app, attribute_id)
    catalogue.change(attribute_id, help="Two")
    assert owner.post(f"/audit/{first}/undo").status_code == 409
    assert catalogue.row(attribute_id)["help"] == "Two"


def test_a_change_that_existing_values_need_cannot_be_undone(
    owner: Browser, app: App, catalogue: Catalogue, people: People
) -> None:
    attribute_id = catalogue.define("department", "choice")
    before = catalogue.row(attribute_id)["choices"]
    catalogue.change(attribute_id, choices=[*before, {"value": "new"}])
    people.create(attributes={"department": "new"})
    counts = people.row_counts()
    assert undo(owner, app, attribute_id).status_code == 422
    assert people.row_counts() == counts
    assert len(catalogue.row(attribute_id)["choices"]) == 3


def test_undo_requires_the_permission_to_change_settings(app: App, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("room")
    people.create(email="auditor@example.com", password=people.password, roles=[AUDITOR])
    auditor = Browser(app).signed_in_as("auditor@example.com")
    before = people.row_counts()
    assert auditor.post(f"/audit/{last_record_id(app, attribute_id)}/undo").status_code == 403
    assert people.row_counts() == before
