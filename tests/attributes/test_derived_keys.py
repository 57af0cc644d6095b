"""The key of a new attribute is derived from its name, and one name is enough."""

from __future__ import annotations

import pytest

from tests.attributes.conftest import Catalogue
from tests.clients import Browser
from webapp.attributes.keys import derive_key

pytestmark = pytest.mark.one_engine
FORM = {"kind": "text", "visible_to": "staff", "editable_by": "staff"}


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Start date", "start_date"),
        ("Дата приёма", "data_priema"),
        ("  Cost center (2nd)  ", "cost_center_2nd"),
        ("1C-код", "c_kod"),
        ("42", ""),
        ("x\x00y", "x_y"),
        ("a" * 39 + " b", "a" * 39),
        ("Straße", "strasse"),
    ],
)
def test_a_key_is_the_name_in_latin_letters(label: str, key: str) -> None:
    assert derive_key(label) == key


def test_a_form_without_key_derives_it(owner: Browser, catalogue: Catalogue) -> None:
    assert owner.post("/settings/attributes", **FORM, label_en="Start date").status_code == 303
    assert owner.post("/settings/attributes", **FORM, label_ru="Дата приёма").status_code == 303
    assert catalogue.keys() == ["start_date", "data_priema"]


def test_a_key_that_was_in_use_gets_a_number(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.delete(catalogue.define("room"))
    assert owner.get("/settings/attributes/key", query_string={"name": "Room"}).text == "room_2"
    assert owner.post("/settings/attributes", **FORM, label_en="Room").status_code == 303
    assert catalogue.keys() == ["room_2"]


def test_one_name_counts_in_both_languages(owner: Browser, catalogue: Catalogue) -> None:
    owner.post("/settings/attributes", **FORM, label_ru="Кабинет")
    assert catalogue.keys() == ["kabinet"]
    for language in ("en", "ru"):
        assert "Кабинет" in owner.get(f"/settings/attributes?lang={language}").text


def test_names_left_empty_are_no_duplicates(owner: Browser, catalogue: Catalogue) -> None:
    for name in ("Room", "Floor"):
        assert owner.post("/settings/attributes", **FORM, label_en=name).status_code == 303


def test_members_get_no_proposal(member: Browser) -> None:
    assert member.get("/settings/attributes/key?name=Room").status_code == 403
