"""No password, hash, token or value of a row stands in log lines, answers, the audit trail, mails or jobs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.jobs.models import Job, JobMessage
from webapp.jobs.services import enqueue, run_job
from webapp.mail.models import Mail
from webapp.users.services import create_user
from webapp.web.api import App
from webapp.web.logs import init_logs

pytestmark = pytest.mark.one_engine

PASSWORD = "canary password of a secret person"
NAME = "Refused Canary"
EMAIL = "canary@example.com"
SECRETS = (PASSWORD, "scrypt:", EMAIL)


@pytest.fixture(params=["json", "console"])
def log_output(app: App, request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that is logged, as the server writes it."""
    init_logs(request.param)
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    output = io.StringIO()
    handler.setStream(output)
    yield output
    init_logs(app.settings.log_format)


@pytest.fixture
def refusing_table(app: App) -> Iterator[None]:
    """The table of users refuses the name NAME, by a constraint that Rollcall does not know."""
    with app.app_context():
        if db.engine.name == "postgresql":
            make = f"ALTER TABLE users ADD CONSTRAINT ck_users_canary CHECK (name <> '{NAME}') NOT VALID"
            drop = "ALTER TABLE users DROP CONSTRAINT ck_users_canary"
        else:
            make = (
                f"CREATE TRIGGER canary BEFORE INSERT ON users WHEN new.name = '{NAME}'"
                " BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ck_users_canary'); END"
            )
            drop = "DROP TRIGGER canary"
        with db.engine.begin() as connection:
            connection.execute(text(make))
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(drop))


def test_an_unexpected_refusal_of_the_database_shows_no_values(
    people: People, owner: Browser, log_output: io.StringIO, refusing_table: None
) -> None:
    before = people.row_counts()
    answer = owner.post("/users", email=EMAIL, name=NAME, username="", password=PASSWORD)
    assert answer.status_code == 500
    assert "ck_users_canary" in log_output.getvalue()
    assert_secret(log_output.getvalue() + answer.text)
    assert people.row_counts() == before


def test_an_unexpected_refusal_shows_the_api_no_values(
    people: People, api: Api, log_output: io.StringIO, refusing_table: None
) -> None:
    before = people.row_counts()
    answer = api.post("/users", {"email": EMAIL, "name": NAME, "password": PASSWORD})
    assert answer.status_code == 500
    assert_secret(log_output.getvalue() + answer.text)
    assert people.row_counts() == before


@job_kind("test.canary", label="Canary", attempts=1)
def create_refused_user(run: JobRun) -> None:
    create_user(email=EMAIL, name=NAME, password=PASSWORD, by=TESTER)


def test_a_job_that_the_database_refuses_keeps_no_values(
    app: App, owner: Browser, log_output: io.StringIO, refusing_table: None
) -> None:
    app.registry.get(JobKinds).register(create_refused_user)
    with app.app_context():
        job_id = enqueue("test.canary", by=TESTER).id
        run_job(job_id, holder="here")
    job = stored_texts(app)["jobs"]
    assert "ck_users_canary" in job
    assert_secret(log_output.getvalue() + json.dumps(stored_texts(app)) + owner.get(f"/jobs/{job_id}").text)


@pytest.mark.engine("postgresql")
def test_a_value_that_postgresql_cannot_read_is_not_quoted(app: App) -> None:
    with app.app_context(), pytest.raises(DBAPIError) as refusal, transaction():
        db.session.execute(text("SELECT CAST(:value AS integer)"), {"value": f"{PASSWORD}\n{PASSWORD}"})
    assert PASSWORD not in str(refusal.value)
    assert PASSWORD not in str(refusal.value.orig)


def test_what_people_type_and_hold_is_logged_and_stored_nowhere(
    app: App, people: People, visitor: Browser, owner: Browser, log_output: io.StringIO
) -> None:
    token = people.token_for(people.owner())
    owner.post("/users", email="new@example.com", name="New", username="", password=PASSWORD)
    user_id = people.row(email="new@example.com")["id"]  # type: ignore[index]  # it was created
    fields = {"email": "new@example.com", "name": "Other", "username": "", "theme": "system", "version": 1}
    assert owner.post(f"/users/{user_id}", **fields, password=PASSWORD + "!").status_code == 303
    visitor.post("/login", email="new@example.com", password=PASSWORD + " wrong")
    visitor.post("/login", email="new@example.com", password=PASSWORD + "!")
    visitor.post("/confirm", password=PASSWORD + "!")
    visitor.get("/setup?token=canary-token-of-the-setup-link")
    api = Api(app, token)
    api.post("/users", {"email": "bad", "name": "", "password": PASSWORD, "unknown": PASSWORD})
    api.post("/users", {"email": "third@example.com", "name": "Third", "password": PASSWORD})
    Api(app, token + "wrong").get("/users")
    with visitor.client.session_transaction() as cookie:
        session_token = cookie["_user_id"]
    everything = log_output.getvalue() + json.dumps(stored_texts(app))
    assert "user.created" in everything
    for secret in (PASSWORD, "scrypt:", token, session_token, "canary-token"):
        assert secret not in everything


def test_tokens_of_links_headers_and_searches_are_not_logged(visitor: Browser, log_output: io.StringIO) -> None:
    for path in ("/reset", "/invitation", "/email-change", "/not-me", "/setup"):
        visitor.get(f"{path}?token={PASSWORD}")
    visitor.get(f"/users?q={PASSWORD}", headers={"Cookie": f"session={PASSWORD}", "X-Api-Key": PASSWORD})
    for path in ("/metrics", "/api/v1/users", f"/api/v1/users?email={PASSWORD}"):
        visitor.get(path, headers={"Authorization": f"Bearer {PASSWORD}", "User-Agent": PASSWORD})
    visitor.post("/login/second-factor", code=PASSWORD)
    assert "/reset" in log_output.getvalue()
    assert_secret(log_output.getvalue())


def stored_texts(app: App) -> dict[str, str]:
    """Return what the audit trail, the outbox and the jobs keep, one text a table."""
    with app.app_context():
        return {
            model.__tablename__: "\n".join(
                json.dumps(dict(row), default=str) for row in db.session.execute(select(model.__table__)).mappings()
            )
            for model in (AuditRecord, AuditDetails, Mail, Job, JobMessage)
        }


def assert_secret(output: str) -> None:
    for secret in SECRETS:
        assert secret not in output
