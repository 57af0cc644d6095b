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
from tests.clients import Browser
from tests.factories import People
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


def test_the_shown_requests_work(app: App, owner: Browser, people: People) -> None:
    user = people.create(name=EVIL)
    places = {"user_id": user.id}
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
