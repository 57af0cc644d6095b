"""Imports by the API."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, event

from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.core.clock import now
from webapp.imports.models import State
from webapp.imports.running import STEPS
from webapp.jobs.services import run_job
from webapp.web.api import App

ANNA = "email,name\nanna@example.com,Anna\nwrong,Boris\n"


def sent(api: Api, text: str = ANNA, **options: Any) -> Any:
    body = {"filename": "people.csv", "content": base64.b64encode(text.encode()).decode()} | options
    response = api.post("/imports", body)
    assert response.status_code == 201, response.text
    return response.json


def test_a_file_is_planned_applied_and_undone(api: Api, people: People) -> None:
    planned = sent(api)
    assert (planned["state"], planned["counts"]) == ("planned", {"create": 1, "refused": 1})
    path = f"/imports/{planned['id']}"
    rows = api.get(f"{path}/rows").json["items"]
    assert [(row["number"], row["outcome"]) for row in rows] == [(2, "create"), (3, "refused")]
    applied = api.post(f"{path}/application", {"plan_hash": planned["plan_hash"]}).json
    assert (applied["state"], applied["counts"]) == ("applied", {"created": 1, "refused": 1})
    assert people.row(email="anna@example.com")
    assert api.post(f"{path}/undo").json["counts"] == {"undone": 1, "refused": 1}


def test_options_can_be_changed_and_the_import_discarded(api: Api, people: People) -> None:
    before = people.row_counts()
    planned = sent(api)
    again = api.post(f"/imports/{planned['id']}/preview", {"mode": "update"}).json
    assert again["counts"] == {"refused": 2}
    assert api.delete(f"/imports/{planned['id']}").status_code == 204
    assert people.row_counts() == before


def test_a_repeated_file_is_sent_once(api: Api, people: People) -> None:
    body, key = {"content": base64.b64encode(ANNA.encode()).decode()}, {"Idempotency-Key": "1"}
    first = api.post("/imports", body, headers=key)
    before = people.row_counts()
    again = api.post("/imports", body, headers=key)
    assert (again.status_code, again.json) == (201, first.json)
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "change", [{"content": "!"}, {"mode": "all"}, {"threshold": 101}, {"key": "attr.none"}, {"mapping": {"x": 1}}]
)
def test_wrong_values_leave_no_trace(api: Api, people: People, change: dict[str, Any]) -> None:
    before = people.row_counts()
    body = {"content": base64.b64encode(ANNA.encode()).decode()} | change
    assert api.post("/imports", body).status_code == 422
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_with_a_key_the_rows_are_planned_after_the_transaction_of_the_key(app: App, api: Api, engine: Engine) -> None:
    """On SQLite, all others wait for a transaction."""
    with captured_queries(app) as queries:
        event.listen(engine, "commit", add := lambda _connection: queries.append("COMMIT"))
        body, key = {"content": base64.b64encode(ANNA.encode()).decode()}, {"Idempotency-Key": "1"}
        first = api.post("/imports", body, headers=key).json
        event.remove(engine, "commit", add)
    begun = next(at for at, query in enumerate(queries) if query.startswith("INSERT INTO idempotency_keys"))
    looked_up = next(at for at, query in enumerate(queries) if query.startswith("SELECT import_keys"))
    assert "COMMIT" in queries[begun:looked_up]
    assert first["state"] == "planned"
    path = f"/imports/{first['id']}/application"
    plan = {"plan_hash": first["plan_hash"]}
    applied = api.post(path, plan, headers={"Idempotency-Key": "2"})
    assert (applied.json["state"], applied.json["counts"]) == ("applied", {"created": 1, "refused": 1})
    again = api.post(path, plan, headers={"Idempotency-Key": "2"})
    assert (again.json, again.headers["Idempotency-Replayed"]) == (applied.json, "true")


@pytest.mark.one_engine
def test_a_key_of_an_interrupted_request_gives_what_was_begun(
    app: App, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, key = {"content": base64.b64encode(ANNA.encode()).decode()}, {"Idempotency-Key": "1"}
    with monkeypatch.context() as broken:
        broken.setitem(STEPS, State.PLANNING, _killed)
        assert api.post("/imports", body, headers=key).status_code == 500
    begun = api.post("/imports", body, headers=key)
    assert (begun.status_code, begun.json["state"]) == (201, "planning")
    with time_machine.travel(now() + timedelta(minutes=2)), app.app_context():
        run_job(UUID(begun.json["job_id"]), holder="test")
    assert api.get(f"/imports/{begun.json['id']}").json["state"] == "planned"


def _killed(*_chunk: object) -> bool:
    raise RuntimeError("the process died")
