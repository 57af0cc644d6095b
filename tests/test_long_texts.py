"""Normalization takes quadratic time in combining marks: no long text and no long row of marks reaches it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import url_for

from tests.clients import Api, Browser
from tests.factories import People
from webapp.core.text import MARKS_MAX, TEXT_BYTES_MAX
from webapp.web.api import App

MARKS = "a" + "\u0301" * 8_000
LONG = "ж" * 8_000
FIELDS = [
    "email", "name", "username", "password", "reason", "description", "key", "label_en", "label_ru", "help_en",
    "roles", "roles-0", "groups", "role", "group", "holder", "permissions", "confirm", "view", "next", "address", "q",
    "action", "attribute", "value", "choices", "starts_at", "ends_at", "locale", "timezone", "theme",
]  # fmt: skip


@pytest.fixture(autouse=True)
def normalized(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts that were normalized."""
    texts: list[str] = []
    normalize = unicodedata.normalize

    def spy(form: Any, text: str) -> str:
        texts.append(text)
        return normalize(form, text[:TEXT_BYTES_MAX])

    monkeypatch.setattr(unicodedata, "normalize", spy)
    yield texts
    assert all(len(text) <= TEXT_BYTES_MAX for text in texts)
    assert not any("\u0301" * (MARKS_MAX + 1) in text for text in texts)


@pytest.mark.one_engine
@pytest.mark.parametrize("text", [MARKS, LONG], ids=["marks", "letters"])
def test_no_form_normalizes_a_long_text(owner: Browser, app: App, people: People, text: str) -> None:
    person = people.create(name="Somebody")
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    forms = [rule for rule in rules if not rule.rule.startswith("/api") and rule.endpoint != "signin.logout"]
    assert len(forms) > 40
    for rule in forms:
        ids = {name: person.id if name == "user_id" else uuid4() for name in rule.arguments}
        with app.test_request_context():
            path = url_for(rule.endpoint, **ids)
        fields = dict.fromkeys(FIELDS, text) | {"csrf_token": owner.csrf_token()}
        response = owner.client.post(path, data=fields, content_type="multipart/form-data")
        assert response.status_code < 500, path
        assert response.status_code != 413, path


@pytest.mark.one_engine
@pytest.mark.parametrize("field", ["q", "role", "group", "at", "who", "view", "status", "attr.x"])
def test_no_address_parameter_normalizes_a_long_text(owner: Browser, field: str) -> None:
    for path in ("/users", "/audit", "/groups", "/roles", "/jobs"):
        assert owner.get(path, query_string={field: MARKS[:3000]}).status_code < 500


@pytest.mark.one_engine
def test_the_api_refuses_a_long_text(api: Api, people: People) -> None:
    before = people.row_counts()
    for field in ("email", "name", "username", "password"):
        body = {"email": "long@example.com", "name": "Long"} | {field: MARKS}
        assert api.post("/users", body).status_code == 422
    assert api.post("/users", {"email": "long@example.com", "name": "Long", "roles": [MARKS]}).status_code in {404, 422}
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_a_name_with_too_many_accents_is_refused_beside_its_field(owner: Browser) -> None:
    page = owner.post("/users", email="zalgo@example.com", name="a" + "\u0301" * (MARKS_MAX + 1))
    assert page.status_code == 422
    assert "at most 10 accents" in page.text
