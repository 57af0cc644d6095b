"""The commands `flask tokens …`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.commands import read
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def run(app: App, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["tokens", *arguments])


def test_create_limits_a_token(app: App, people: People) -> None:
    people.owner()
    limits = ["--scope", "users.read", "--scope", "users.create", "--days", "7", "--address", "192.0.2.0/24"]
    created = json.loads(run(app, "create", "--email", "olga@example.com", "--name", "x", *limits, "--json").stdout)
    assert (created["scopes"], created["addresses"]) == (["users.read", "users.create"], ["192.0.2.0/24"])
    assert code_of(Api(app, created["token"]).get("/me")) == "token_address"


@pytest.mark.parametrize("option", [("--scope", "users.fly"), ("--address", "here"), ("--days", "367")])
def test_create_refuses_bad_limits(app: App, people: People, option: tuple[str, str]) -> None:
    people.owner()
    result = run(app, "create", "--email", "olga@example.com", "--name", "x", *option)
    assert (result.exit_code, people.row_counts()["api_tokens"]) == (1, 0)
    assert result.stderr


def test_scopes_that_the_person_lacks_are_refused(app: App, people: People) -> None:
    anna = people.create()
    result = run(app, "create", "--email", anna.email, "--name", "x", "--scope", "users.read", "--json")
    assert (result.exit_code, json.loads(result.stdout)["errors"][0]["code"]) == (1, "not_held")


def test_list_prints_a_line_or_an_object_for_each_token(app: App, tokens: Tokens, people: People) -> None:
    anna = people.create()
    tokens.create(people.owner(), name="First")
    _api, token_id = tokens.create(anna, name="Second")
    assert [line.split("\t")[-1] for line in run(app, "list").stdout.splitlines()] == ["Second", "First"]
    (found,) = json.loads(run(app, "list", "--owner", anna.email, "--json").stdout)
    assert (found["id"], "token" in found) == (str(token_id), False)
    assert json.loads(run(app, "list", "--state", "expired", "--json").stdout) == []


def test_a_whole_token_can_be_revoked(app: App, tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner())
    result = run(app, "revoke", api.headers["Authorization"].removeprefix("Bearer "), "--json")
    assert (result.exit_code, json.loads(result.stdout)["state"]) == (0, "revoked")
    assert code_of(api.get("/me")) == "token_revoked"


def test_rotate_prints_the_new_token(app: App, tokens: Tokens, people: People) -> None:
    old, token_id = tokens.create(people.owner())
    result = run(app, "rotate", str(token_id), "--overlap-hours", "0")
    assert Api(app, result.stdout.strip()).get("/me").status_code == 200
    assert code_of(old.get("/me")) == "token_expired"


@pytest.mark.parametrize("command", ["revoke", "rotate"])
@pytest.mark.parametrize("token", ["rc_nothing", "", "ключ", "01a20c33-7cd6-70ee-b0a1-652ec903b536"])
def test_unknown_tokens_are_refused(app: App, people: People, command: str, token: str) -> None:
    result = run(app, command, token)
    assert (result.exit_code, "does not exist" in result.stderr) == (1, True)


def test_a_beginning_of_several_tokens_is_refused(app: App, tokens: Tokens, people: People) -> None:
    for _number in range(2):
        tokens.create(people.owner())
    result = run(app, "revoke", "rc_")
    assert (result.exit_code, "Several tokens" in result.stderr) == (1, True)


def test_wrong_usage_is_2(app: App) -> None:
    assert [
        run(app, *each).exit_code for each in (["revoke"], ["list", "--state", "x"], ["rotate", "x", "--days", "y"])
    ] == [2, 2, 2]


def test_a_token_is_shown_without_its_secret(app: App, people: People) -> None:
    token = read(app, "tokens", "create", "--email", people.owner().email, "--name", "Backup")
    shown = read(app, "tokens", "show", token["id"])
    assert (shown["name"], "token" in shown) == ("Backup", False)
