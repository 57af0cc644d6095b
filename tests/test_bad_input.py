"""Random and malformed input gets a response below 500 and leaves no trace if it is refused.

Random input is sent to PostgreSQL, which refuses more than SQLite: NUL, and numbers that are too large.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clients import Api, Browser
from tests.factories import People
from webapp.core.clock import now
from webapp.directory.queries import SORTS

# Values that random text rarely is: lone surrogates, NUL, bidi marks, huge numbers.
NASTY = st.sampled_from(
    ["\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202eevil", "\u200b", "\ufeff", "\ufffd", "1" + "0" * 40, "-1",
     "NaN",
     "'; DROP TABLE users; --", "%", "_", "\\", "{{7*7}}", "<script>", "../../etc/passwd", "🎉" * 70, "ﷺ" * 60, "", " ",
     "a" * 10_000, "İ" * 200, "\r\nSet-Cookie: x=y", "xn--", "a@xn--", "a@" + "b." * 120 + "c", "ß" * 254]
)  # fmt: skip
TEXT = st.one_of(NASTY, st.text(st.characters(exclude_categories=()), max_size=60))
EXAMPLES = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
FIELDS = st.dictionaries(st.sampled_from(["email", "name", "username", "password", "version", "next"]), TEXT)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.one_of(
    JSON, st.dictionaries(st.sampled_from(["email", "name", "username", "password", "locale", "timezone"]), JSON)
)
FORM = "application/x-www-form-urlencoded"
NAMES = ["q", "status", "sort", "limit", "after", "before", "count", "lang", "endpoint", "_method", "_external", "self"]
QUERIES = st.dictionaries(st.one_of(st.sampled_from(NAMES), TEXT), TEXT)


def encoded(fields: dict[str, str]) -> dict[bytes, bytes]:
    """Encode fields as UTF-8, including lone surrogates."""
    return {
        name.encode("utf-8", "surrogatepass"): value.encode("utf-8", "surrogatepass") for name, value in fields.items()
    }


def query_string(fields: dict[str, str]) -> str:
    """Return fields as a query string."""
    return urlencode(encoded(fields))


@pytest.mark.engine("postgresql")
@EXAMPLES
@given(fields=FIELDS)
def test_form_fields(owner: Browser, people: People, fields: dict[str, str]) -> None:
    token = owner.csrf_token()
    before = people.row_counts()
    response = owner.client.post("/users", data=query_string({"csrf_token": token, **fields}), content_type=FORM)
    assert response.status_code in {303, 422}
    assert (people.row_counts() == before) == (response.status_code != 303)


@pytest.mark.engine("postgresql")
@EXAMPLES
@given(fields=FIELDS)
def test_sign_in_fields(visitor: Browser, people: People, fields: dict[str, str]) -> None:
    token = visitor.csrf_token()
    response = visitor.client.post("/login", data=query_string({"csrf_token": token, **fields}), content_type=FORM)
    assert response.status_code == 422
    # Failed attempts are recorded.
    assert not any((people.row_counts() | {"security_events": 0}).values())


@pytest.mark.engine("postgresql")
@EXAMPLES
@given(query=QUERIES)
def test_query_parameters(owner: Browser, query: dict[str, str]) -> None:
    # A form sends empty parameters, and parameters several times: the list redirects to the clean address.
    response = owner.get("/users", query_string=query_string(query), follow_redirects=True)
    assert response.status_code in {200, 400}


@pytest.mark.engine("postgresql")
@EXAMPLES
@given(query=QUERIES)
def test_query_parameters_of_the_api(api: Api, query: dict[str, str]) -> None:
    response = api.get("/users", query_string=query_string(query))
    assert response.status_code in {200, 400}
    assert "items" in response.json or response.json["request_id"]


@pytest.mark.engine("postgresql")
@EXAMPLES
@given(body=BODIES)
def test_json_bodies(api: Api, people: People, body: Any) -> None:
    before = people.row_counts()
    response = api.post("/users", data=json.dumps(body), content_type="application/json")
    assert response.status_code in {201, 400, 409, 422}
    assert (people.row_counts() == before) == (response.status_code != 201)


@pytest.mark.engine("postgresql")
@EXAMPLES
@given(body=st.binary(max_size=200))
def test_bodies_that_are_not_json(api: Api, people: People, body: bytes) -> None:
    before = people.row_counts()
    assert api.post("/users", data=body, content_type="application/json").status_code in {400, 422}
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize("cursor", ["", "a", "WyJuYW1lIl0", "é", "\x00", "." * 900, "{}"])
@pytest.mark.parametrize("name", ["after", "before"])
def test_cursors(owner: Browser, name: str, cursor: str) -> None:
    assert owner.get("/users", query_string={name: cursor}).status_code == (200 if cursor == "" else 400)


@pytest.mark.one_engine
@pytest.mark.parametrize("sort", [*SORTS, "id", "password_hash", "name; --", "-", ""])
def test_sorts(api: Api, sort: str) -> None:
    assert api.get("/users", query_string={"sort": sort}).status_code == (200 if sort in {*SORTS, ""} else 400)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "x"]
)
def test_content_types(api: Api, owner: Browser, people: People, content_type: str) -> None:
    before = people.row_counts()
    assert api.post("/users", data=b"{}", content_type=content_type).status_code == 415
    assert owner.client.post("/users", data=b"\xff\xfe{}", content_type=content_type).status_code in {400, 422}
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_bodies_of_two_megabytes(api: Api, owner: Browser, people: People) -> None:
    before = people.row_counts()
    text = "x" * 2 * 1024 * 1024
    assert api.post("/users", {"email": text, "name": "x"}).status_code == 413
    assert owner.client.post("/users", data={"csrf_token": "x", "name": text}).status_code == 413
    assert owner.client.post("/login", data={"email": text}).status_code == 413
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_forms_with_thousands_of_fields(owner: Browser, people: People) -> None:
    before = people.row_counts()
    fields = {f"field{number}": "x" for number in range(5000)}
    assert owner.client.post("/users", data={"csrf_token": owner.csrf_token(), **fields}).status_code in {413, 422}
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize("path", ["/users/%00", "/users/%ff", "/%2e%2e/etc", "/users/" + "x" * 5000, "/users//", "/é"])
def test_paths(owner: Browser, path: str) -> None:
    assert owner.get(path).status_code in {308, 404}


@pytest.mark.one_engine
@pytest.mark.parametrize("referrer", ["http://[", "http://[::1", "//[", "http://]/users"])
def test_referrers(owner: Browser, people: People, referrer: str) -> None:
    before, fields = people.row_counts(), {"csrf_token": owner.csrf_token(), "name": "x"}
    with time_machine.travel(now() + timedelta(minutes=11)):
        for address in ("http://localhost", "https://localhost"):
            answer = owner.client.post("/roles", data=fields, headers={"Referer": referrer}, base_url=address)
            assert answer.status_code == 400
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize("cookie", ["", "x", "{name}=garbage", "{name}=\xff", "{name}=" + "x" * 4000])
def test_cookies(visitor: Browser, cookie: str) -> None:
    cookie = cookie.format(name=visitor.client.application.config["SESSION_COOKIE_NAME"])
    assert visitor.get("/users", headers={"Cookie": cookie}).status_code == 303
