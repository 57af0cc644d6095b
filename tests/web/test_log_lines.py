"""What the line of a request tells: who, when, from where, what, and which check refused it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from webapp.web.api import App
from webapp.web.logs import init_logs

pytestmark = pytest.mark.one_engine
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(app: App) -> Iterator[Lines]:
    """The lines of requests so far, as production logs them."""
    output = start_logging("json")
    yield lambda: [line for line in map(json.loads, output.getvalue().splitlines()) if line["event"] == "request"]
    init_logs(app.settings.log_format)


def start_logging(log_format: Any) -> io.StringIO:
    init_logs(log_format)
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    output = io.StringIO()
    handler.setStream(output)
    return output


def test_a_line_says_who_when_from_where_and_what(owner: Browser, people: People, lines: Lines) -> None:
    response = owner.get("/users?q=anna")
    (line,) = lines()
    assert (line["method"], line["path"], line["status"]) == ("GET", "/users", 200)
    assert (line["user"], line["address"]) == (str(people.owner().id), "127.0.0.1")
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)
    assert "refused" not in line


def test_a_line_names_the_check_that_refused_the_request(member: Browser, people: People, lines: Lines) -> None:
    member.get("/users")
    member.client.post("/account/preferences", data={"theme": "dark"})
    member.get("/nowhere")
    refusals = [(line["refused"], line["status"]) for line in lines()]
    assert refusals == [("Forbidden", 403), ("CSRFError", 400), ("NotFound", 404)]
    assert {line["user"] for line in lines()[:1]} == {str(people.row(email="member@example.com")["id"])}


def test_a_refused_program_is_logged_too(app: App, api: Api, lines: Lines) -> None:
    Api(app, "rc_wrong").get("/users")
    api.post("/users", {"email": "no address", "name": "A"})
    assert [(line["refused"], line["status"]) for line in lines()] == [("NotSignedIn", 401), ("Invalid", 422)]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_request_cannot_forge_a_line(app: App, visitor: Browser, log_format: str) -> None:
    output = start_logging(log_format)
    visitor.get("/users%0A2026-11-24 [info] forged%1B[2J")
    init_logs(app.settings.log_format)
    assert len(output.getvalue().splitlines()) == 1
    assert "\x1b" not in output.getvalue()
