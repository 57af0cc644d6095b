"""Tokens by which other systems use the API."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.clients import Api
from tests.factories import People
from webapp.api_tokens.models import ApiToken
from webapp.core.clock import now
from webapp.db.session import db
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_the_command_prints_it_once_and_it_works(app: App, people: People) -> None:
    people.owner()
    result = app.test_cli_runner().invoke(args=["tokens", "create", "--email", "OLGA@example.com", "--name", "HR sync"])
    token = result.stdout.strip()
    assert (result.exit_code, token[:3]) == (0, "rc_")
    assert Api(app, token).get("/users").status_code == 200
    with app.app_context():
        assert token not in str(db.session.scalars(select(ApiToken.token_hash)).all())
    assert people.audit_trail(people.owner().id)[-1] == (
        "token.created",
        {"token": [None, "HR sync"], "token_prefix": [None, token[:11]]},
    )


def test_the_command_prints_json(app: App, people: People) -> None:
    people.owner()
    arguments = ["tokens", "create", "--email", "olga@example.com", "--name", "x", "--json"]
    assert json.loads(app.test_cli_runner().invoke(args=arguments).stdout)["token"].startswith("rc_")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--email", "nobody@example.com", "--name", "x"], 1),
        (["--email", "olga@example.com", "--name", ""], 1),
        (["--email", "olga@example.com", "--name", "x\x00"], 1),
        (["--email", "olga@example.com", "--name", "x", "--days", "0"], 1),
        (["--email", "olga@example.com", "--name", "x", "--days", "many"], 2),
        (["--name", "x"], 2),
    ],
)
def test_refusals_have_words_and_exit_codes(app: App, people: People, arguments: list[str], code: int) -> None:
    people.owner()
    result = app.test_cli_runner().invoke(args=["tokens", "create", *arguments])
    assert result.exit_code == code
    assert result.stderr
    assert people.row_counts()["api_tokens"] == 0


def test_it_runs_out(api: Api) -> None:
    with time_machine.travel(now() + timedelta(days=89)):
        assert api.get("/users").status_code == 200
    with time_machine.travel(now() + timedelta(days=91)):
        assert api.get("/users").status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer rc_wrong", "Bearer x", "Basic rc_x", "Bearer \xff"]
)
def test_a_wrong_one_is_401(app: App, header: str) -> None:
    response = app.test_client().get("/api/v1/users", headers={"Authorization": header})
    assert (response.status_code, response.json["status"]) == (401, 401)


def test_its_last_use_is_kept(app: App, api: Api) -> None:
    api.get("/users")
    with app.app_context():
        assert db.session.scalars(select(ApiToken)).one().last_used_at is not None
