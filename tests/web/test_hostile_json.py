"""Bodies that break parsers: each is refused with a problem, and leaves no trace."""

from __future__ import annotations

import pytest

from tests.clients import Api
from tests.factories import People

JSON = "application/json"
DEEP = 100_000
START = b'{"email": "a@example.com", "name": '
REFUSED = {
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep arrays in a field": START + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "cut off": START + b'"A',
    "cut off in an escape": START + b'"\\u00',
    "NUL": START + b'"A\\u0000B"}',
    "raw NUL": START + b'"A\x00B"}',
    "lone surrogate": START + b'"A\\ud800"}',
    "surrogates in the wrong order": START + b'"\\udc00\\ud800"}',
    "wrong encoding": START + "Антон".encode("cp1251") + b"}",
    "UTF-16": '{"email": "a@example.com", "name": 1}'.encode("utf-16"),
    "a number": START + b"7}",
    "10^40": START + b"1" + b"0" * 40 + b"}",
    "10^40 for an attribute": START + b'"A", "attributes": {"x": 1' + b"0" * 40 + b"}}",
    "10^5000": START + b"1" + b"0" * 5000 + b"}",
    "1e400": START + b"1e400}",
    "NaN": START + b"NaN}",
    "Infinity": START + b"-Infinity}",
    "true": START + b"true}",
    "null": START + b"null}",
    "an array": START + b'["A"]}',
    "an object": START + b'{"$ne": ""}}',
    "unknown": START + b'"A", "is_admin": true}',
    "read-only id": START + b'"A", "id": "01a20c33-7cd6-70ee-b0a1-652ec903b536"}',
    "read-only version": START + b'"A", "version": 7}',
    "read-only status": START + b'"A", "status": "active"}',
    "password hash": START + b'"A", "password_hash": "scrypt"}',
    "prototype": START + b'"A", "__proto__": {"x": 1}}',
    "duplicate": START + b'"A", "name": "B"}',
    "two documents": START + b'"A"}{}',
    "bidi mark": START + '"A\u202eB"}'.encode(),
    "long": START + b'"' + b"x" * 201 + b'"}',
    "accents": START + ('"' + "a" + "\u0301" * 5000 + '"}').encode(),
    "a string": b'"name"',
}


@pytest.mark.one_engine
@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(api: Api, people: People, case: str) -> None:
    before = people.row_counts()
    response = api.post("/users", data=REFUSED[case], content_type=JSON, headers={"Idempotency-Key": "k"})
    assert response.status_code in {400, 422}
    assert response.content_type == "application/problem+json"
    assert response.json["errors"][0]["code"]
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_a_batch(api: Api, people: People, case: str) -> None:
    before = people.row_counts()
    body = b'{"operations": [{"method": "POST", "path": "/users", "body": ' + REFUSED[case] + b"}]}"
    response = api.post("/users/batch", data=body, content_type=JSON)
    assert response.status_code in {207, 400, 422}
    if response.status_code == 207:
        assert [item["status"] for item in response.json["items"]] == [422]
    assert people.row_counts() == before


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udfff\\ud800"])
def test_no_text_of_any_field_breaks_the_database(api: Api, people: People, text: str) -> None:
    anna = people.create()
    before = people.row_counts()
    fields = ("email", "name", "username", "password", "locale", "timezone")
    for field in fields:
        body = f'{{"{field}": "a{text}b"}}'.encode()
        answer = api.client.patch(f"/api/v1/users/{anna.id}", data=body, content_type=JSON, headers=api.headers)
        assert answer.status_code in {400, 422}, field
    assert people.row_counts() == before
    assert people.row(id=anna.id)["version"] == 1
