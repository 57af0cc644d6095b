"""Random and malformed values get a response below 500 and leave no trace if they are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attributes.conftest import Catalogue
from tests.clients import Api, Browser
from tests.factories import People
from tests.test_bad_input import FORM, JSON, NASTY, TEXT, query_string

# The number of examples for each engine.
EXAMPLES = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
KINDS = ("text", "number", "date", "choice", "yes_no", "person")
NUMBERS = st.one_of(st.integers(), st.floats(), st.just(10**400), st.just(-(10**400)))
DATES = st.one_of(st.dates().map(str), st.sampled_from(["0000-00-00", "9999-12-31", "2026-W01-1", "٢٠٢٦-١١-٢٤"]))
VALUES = st.one_of(JSON, NUMBERS, DATES, NASTY, st.sampled_from(["it", "sales", True, False, None]))
KEYS = st.one_of(st.sampled_from([f"a_{kind}" for kind in KINDS]), TEXT)


@pytest.fixture
def one_of_each(catalogue: Catalogue) -> None:
    for kind in KINDS:
        catalogue.define(f"a_{kind}", kind, unique=kind in {"text", "number", "date"})


@pytest.fixture
def csrf(owner: Browser) -> str:
    return owner.csrf_token()


@pytest.mark.usefixtures("one_of_each")
@EXAMPLES
@given(values=st.dictionaries(KEYS, VALUES, max_size=4))
def test_values_in_json(api: Api, people: People, values: dict[str, Any]) -> None:
    people.created += 1
    body = {"email": f"h{people.created}@example.com", "name": "H", "attributes": values}
    before = people.count()
    response = api.post("/users", data=json.dumps(body), content_type="application/json")
    assert response.status_code in {201, 400, 409, 422}
    assert (people.count() == before) == (response.status_code != 201)
    assert response.status_code == 201 or response.json["detail"]


@pytest.mark.usefixtures("one_of_each")
@EXAMPLES
@given(values=st.dictionaries(KEYS, st.one_of(TEXT, DATES, NUMBERS.map(str)), max_size=4))
def test_values_in_a_form(owner: Browser, csrf: str, people: People, values: dict[str, str]) -> None:
    people.created += 1
    fields = {f"attributes.{key}": value for key, value in values.items()}
    person = {"csrf_token": csrf, "email": f"f{people.created}@example.com", "name": "F"}
    before = people.count()
    response = owner.client.post("/users", data=query_string(person | fields), content_type=FORM)
    assert response.status_code in {303, 422}
    assert (people.count() == before) == (response.status_code != 303)


@EXAMPLES
@given(fields=st.dictionaries(st.sampled_from(["key", "label_en", "label_ru", "kind", "choices", "help"]), TEXT))
def test_definitions(owner: Browser, csrf: str, catalogue: Catalogue, fields: dict[str, str]) -> None:
    before = catalogue.keys()
    valid = {"csrf_token": csrf, "visible_to": "staff", "editable_by": "staff", "kind": "choice"}
    response = owner.client.post("/settings/attributes", data=query_string(valid | fields), content_type=FORM)
    assert response.status_code in {303, 422}
    assert (catalogue.keys() == before) == (response.status_code != 303)
