"""People set the target of the event stream on a page, by the API and by commands. Refusals leave no trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Stale
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.event_stream.push.models import EventPush
from webapp.event_stream.push.queries import find_push
from webapp.event_stream.push.services import SUBJECT, save_target
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

PAGE = "/settings/event-stream"
ADDRESS = "https://203.0.113.7/in"


@pytest.fixture(autouse=True)
def documentation_network(change_settings: Callable[..., None]) -> None:
    change_settings(webhook_allowed_networks=["203.0.113.0/24"])


def run(app: App, *arguments: str, stdin: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["event-stream", *arguments], input=stdin)
    return result.exit_code, result.stdout + result.stderr


def test_the_page_sets_changes_pauses_and_removes_the_target(app: App, owner: Browser, people: People) -> None:
    assert "Send older events too" in owner.get(PAGE).text
    assert owner.post(PAGE, address=ADDRESS, authorization="Bearer abc", version=0).status_code == 303
    page = owner.get(PAGE).text
    assert ('value="https://203.0.113.7/in"' in page, "Bearer abc" in page, "Not sent yet" in page) == (
        True,
        False,
        True,
    )
    assert owner.post(PAGE, address="https://203.0.113.7/other", version=1).status_code == 303
    assert owner.post(f"{PAGE}/test").status_code == 303
    assert "On its way" in owner.get(PAGE).text
    assert owner.post(f"{PAGE}/pause").status_code == 303
    assert "Resume" in owner.get(PAGE).text
    assert owner.post(f"{PAGE}/resumption").status_code == 303
    assert "203.0.113.7/other" in owner.get(f"{PAGE}/removal").text
    assert owner.post(f"{PAGE}/removal").status_code == 303
    assert people.row_counts()["event_push"] == 0
    assert owner.get(f"{PAGE}/removal").status_code == 303


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"address": ""}, "Enter an address"),
        ({"address": "http://203.0.113.7/"}, "Enter an address like https://example.org/path"),
        ({"address": "syslog+tls://203.0.113.7/path"}, "ends after the host and the port"),
        ({"address": "https://user:pw@203.0.113.7/"}, "Remove the username and password"),
        ({"address": "https://127.0.0.1/"}, "in an internal network"),
        ({"address": "https://[::ffff:10.0.0.1]/"}, "in an internal network"),
        ({"address": "https://2130706433/"}, "Enter a host name"),
        ({"address": "https://203.0.113.7/\u202e"}, "Remove the hidden character U+202E"),
        ({"address": "https://203.0.113.7/" + "x" * 1000}, "longer than 1000"),
        ({"address": ADDRESS, "authorization": "Bearer ключ"}, "Latin letters"),
        ({"address": ADDRESS, "authorization": "a\0b"}, "Remove the hidden character U+0000"),
        ({"address": "syslog+tls://203.0.113.7", "authorization": "x"}, "syslog has no header"),
    ],
)
def test_a_wrong_target_is_refused(owner: Browser, people: People, fields: dict[str, str], message: str) -> None:
    rows = people.row_counts()
    response = owner.post(PAGE, version="0", **fields)
    assert (response.status_code, people.row_counts()) == (422, rows)
    assert message in response.text


def test_a_stored_header_is_not_sent_to_another_server(app: App, owner: Browser, people: People) -> None:
    owner.post(PAGE, address=ADDRESS, authorization="Bearer abc", version="0")
    rows = people.row_counts()
    response = owner.post(PAGE, address="https://203.0.113.8/in", version="1")
    assert (response.status_code, "Enter it again" in response.text, people.row_counts()) == (422, True, rows)
    owner.post(PAGE, address="https://203.0.113.8/in", remove_authorization="y", version="1")
    with app.app_context():
        push = find_push()
        assert push
        assert (push.address, push.sealed_authorization) == ("https://203.0.113.8/in", None)


def test_a_requested_test_is_in_the_audit_trail(app: App, owner: Browser, api: Api, people: People) -> None:
    owner.post(PAGE, address=ADDRESS, version="0")
    owner.post(f"{PAGE}/test")
    assert api.post("/event-push/test").status_code == 202
    run(app, "test")
    tested = ("event_push.tested", {"target": [None, ADDRESS]})
    assert people.audit_trail(SUBJECT.id)[1:] == [tested] * 3
    assert "Event stream tested" in owner.get("/audit?action=event_push.tested").text


def test_a_form_without_its_version_overwrites_nothing(owner: Browser, people: People) -> None:
    owner.post(PAGE, address=ADDRESS, version="0")
    rows = people.row_counts()
    assert owner.post(PAGE, address="https://203.0.113.9/").status_code == 422
    assert people.row_counts() == rows


def test_an_outdated_page_changes_nothing(app: App, owner: Browser, people: People) -> None:
    owner.post(PAGE, address=ADDRESS, version="0")
    rows = people.row_counts()
    assert owner.post(PAGE, address="https://203.0.113.9/", version="0").status_code == 409
    assert people.row_counts() == rows
    with app.app_context(), pytest.raises(Stale):
        save_target(address="https://203.0.113.9/", version=7, by=TESTER)


def test_it_takes_both_permissions(app: App, access: Access, people: People) -> None:
    helper = access.person("Helper")
    access.grant(access.role("Settings only", "settings.manage"), user_id=helper.id)
    rows = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden):
        save_target(address=ADDRESS, by=Actor(ActorKind.USER, "Helper", id=helper.id))
    assert people.row_counts() == rows


def test_the_api_refuses_what_the_page_refuses(api: Api, people: People) -> None:
    rows = people.row_counts()
    for body in ({}, {"address": "ftp://203.0.113.7"}, {"address": ADDRESS, "cursor": "x"}, {"address": 7}):
        response = api.client.put("/api/v1/event-push", json=body, headers=api.headers)
        assert response.status_code == 422
    assert people.row_counts() == rows


def test_the_page_shows_failures(app: App, owner: Browser) -> None:
    owner.post(PAGE, address=ADDRESS, version="0")
    with app.app_context(), transaction():
        values = {"failures": 3, "last_error": "Connection <refused>", "last_failed_at": now(), "sent": 12345}
        values |= {"next_attempt_at": now() + timedelta(minutes=5), "tested_at": now(), "test_error": "No route"}
        db.session.execute(update(EventPush).values(**values))
    page = owner.get(PAGE).text
    for text in ("Connection &lt;refused&gt;", "The last attempt failed", "12,345", "Next attempt", "No route"):
        assert text in page


def test_commands_do_the_same(app: App, people: People) -> None:
    assert run(app, "show")[0] == 1
    code, out = run(app, "set", ADDRESS, "--authorization-stdin", "--json", stdin="Bearer abc\n")
    state: dict[str, Any] = json.loads(out)
    assert (code, state["address"], state["has_authorization"]) == (0, ADDRESS, True)
    assert "abc" not in out
    assert run(app, "pause", "--json")[0] == 0
    assert "paused" in run(app, "show")[1]
    assert run(app, "resume")[0] == 0
    assert run(app, "remove")[0] == 0
    assert run(app, "remove")[0] == 1
    assert people.row_counts()["event_push"] == 0
