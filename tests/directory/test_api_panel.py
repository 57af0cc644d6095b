"""The panel “Do this by API” shows requests that work, and texts that no shell changes."""

from __future__ import annotations

import html
import json
import re
import shlex
import subprocess
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.access_factory import Access
from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.test_api_and_commands import commands
from webapp.attributes.services import create_attribute
from webapp.audit.queries import latest_records_of
from webapp.core.permissions import Actor, ActorKind
from webapp.jobs.services import enqueue
from webapp.users.services import update_user
from webapp.web.api import App
from webapp.web.api_panel import ApiExample, ApiExamples

pytestmark = pytest.mark.one_engine
EVIL = 'O\'Brien "$HOME" `id` $(id) \\ ; & | * ~ ! Ж'
CODE = re.compile(r'<pre class="code"[^>]*>(.*?)</pre>', re.DOTALL)


def shown_commands(page: str) -> list[list[str]]:
    """Return the words of each command of the panel, as a shell reads them."""
    return [shlex.split(html.unescape(text).replace("\\\n", "")) for text in CODE.findall(page)]


def words_in_bash(command: str) -> list[str]:
    """Return the arguments that bash passes to a program for this command."""
    script = f'export ROLLCALL_TOKEN=rc_x; curl() {{ printf "%s\\0" "$@"; }}; flask() {{ curl "$@"; }}; {command}'
    found = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True)
    return found.stdout.split("\0")[:-1]


def send(app: App, words: list[str], secret: str) -> Any:
    """Send the request of a `curl` command with the test client."""
    options = dict(pairwise(words))
    address = urlsplit(words[-1])
    headers = dict([word.split(": ", 1) for flag, word in pairwise(words) if flag == "-H"])
    headers["Authorization"] = headers["Authorization"].replace("$ROLLCALL_TOKEN", secret)
    path = f"{address.path}?{address.query}"
    return app.test_client().open(path, method=options.get("-X", "GET"), headers=headers, data=options.get("-d"))


@pytest.fixture
def places(app: App, owner: Browser, people: People, access: Access, bulk: Bulk) -> dict[str, Any]:
    """The variables of addresses."""
    user = people.create(name=EVIL)
    with app.app_context():
        attribute_id = create_attribute(label_en="Office", by=TESTER).id
        update_user(user.id, name=EVIL + " B", by=TESTER)
        record_id = latest_records_of(user.id, 1)[0].id
        job_id = enqueue("test.nothing", by=Actor(ActorKind.USER, "Olga", people.owner().id)).id
    return {
        "user_id": user.id,
        "group_id": access.group("Marketing"),
        "role_id": access.role("Porter", "users.read"),
        "bulk_id": bulk.create(owner, "reactivate", user),
        "attribute_id": attribute_id,
        "record_id": record_id,
        "job_id": job_id,
    }


@pytest.fixture
def bulk(app: App) -> Bulk:
    return Bulk(app)


def test_the_shown_requests_work(app: App, owner: Browser, people: People, places: dict[str, Any]) -> None:
    secret = people.token_for(people.owner())
    with app.test_request_context():
        pages = {endpoint: app.url_for(endpoint, **_arguments(app, endpoint, places)) for endpoint in _endpoints(app)}
    for endpoint, path in pages.items():
        query = {"q": EVIL, "sort": "-created"} if endpoint == "directory.index" else {}
        commands = shown_commands(owner.get(path, query_string=query).text)
        assert commands, endpoint
        for words in commands:
            if words[0] == "curl" and "-X" not in words:
                assert send(app, words, secret).status_code < 400, words


def _endpoints(app: App) -> list[str]:
    return list(app.registry.get(ApiExamples))


def _arguments(app: App, endpoint: str, places: dict[str, Any]) -> dict[str, Any]:
    names = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint).arguments
    return {name: places[name] for name in names}


# Each page, and the number of its request that changes something.
CHANGES = [
    ("groups.new", 0),
    ("groups.edit", 0),
    ("groups.confirm_deletion", 0),
    ("roles.new", 0),
    ("roles.edit", 0),
    ("roles.confirm_deletion", 0),
    ("access.show", 1),
    ("attributes.new", 0),
    ("attributes.edit", 1),
    ("attributes.confirm_deletion", 0),
    ("organisation.edit", 1),
    ("mail_settings.edit", 1),
    ("history.confirm_undo", 0),
    ("jobs.show", 1),
    ("jobs.schedules", 1),
]


@pytest.mark.parametrize(("endpoint", "number"), CHANGES)
def test_the_shown_change_of_a_page_works(
    app: App, owner: Browser, people: People, places: dict[str, Any], endpoint: str, number: int
) -> None:
    with app.test_request_context():
        path = app.url_for(endpoint, **_arguments(app, endpoint, places))
    requests = [words for words in shown_commands(owner.get(path).text) if words[0] == "curl"]
    answer = send(app, requests[number], people.token_for(people.owner()))
    assert answer.status_code in {200, 201, 204}, (requests[number], answer.text)


def test_the_shown_preview_is_applied_by_api_and_command(app: App, owner: Browser, people: People, bulk: Bulk) -> None:
    for kind in ("curl", "flask"):
        anna = people.create(password=people.password)
        page = owner.get(f"/bulk/{bulk.create(owner, 'deactivate', anna)}").text
        words = next(each for each in shown_commands(page) if each[0] == kind and "appl" in " ".join(each))
        if kind == "curl":
            assert send(app, words, people.token_for(people.owner())).status_code == 200
        else:
            assert app.test_cli_runner().invoke(args=words[3:]).exit_code == 0
        assert people.row(id=anna.id)["status"] == "deactivated"


def test_every_shown_command_exists(app: App, owner: Browser, places: dict[str, Any]) -> None:
    with app.test_request_context():
        pages = [app.url_for(endpoint, **_arguments(app, endpoint, places)) for endpoint in _endpoints(app)]
    known = {name for name, _command in commands()}
    lines = [words for path in pages for words in shown_commands(owner.get(path).text) if words[0] == "flask"]
    shown = {" ".join(words[3:5]) for words in lines}
    assert len(shown) > 20
    assert shown <= known


def test_the_shown_changes_work(app: App, owner: Browser, people: People) -> None:
    user = people.create(name=EVIL)
    secret = people.token_for(people.owner())
    for path in ("edit", "deactivation", "reactivation", "deletion"):
        words = shown_commands(owner.get(f"/users/{user.id}/{path}").text)[0]
        answer = send(app, words, secret)
        assert answer.status_code in {200, 201, 202, 204}, (words, answer.text)
    assert people.row(id=user.id)["name"] == EVIL
    assert people.row(id=user.id)["status"] == "deleted"


def test_a_shell_changes_no_text(app: App) -> None:
    body = {"name": EVIL + "\n'"}
    arguments = ["users", "update", f"--name={EVIL}\n'"]
    with app.test_request_context():
        example = ApiExample("x", "/users", "users.edit", "PATCH", [("q", EVIL)], body, arguments)
        headers = ["-H", "Authorization: Bearer rc_x", "-H", "Content-Type: application/json"]
        assert words_in_bash(example.curl) == ["-X", "PATCH", *headers, "-d", json.dumps(body), example.url]
        assert words_in_bash(example.command) == ["--app", "wsgi", *arguments]


def test_only_people_with_permissions_see_the_panel(app: App, access: Access, member: Browser, people: People) -> None:
    assert "Do this by API" not in member.get("/account").text
    reader = access.person("Reader")
    access.grant(access.role("Readers", "users.read"), user_id=reader.id)
    page = access.browser_of(reader).get(f"/users/{people.create().id}").text
    assert "Read this user" in page
    assert "Change this user" not in page


def test_an_error_page_has_no_panel(owner: Browser) -> None:
    assert "Do this by API" not in owner.get("/users/0190cf00-0000-7000-8000-000000000000").text
