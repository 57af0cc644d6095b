"""Concurrent requests that create the same user: exactly one succeeds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from tests.clients import Api
from tests.factories import People
from webapp.db.session import db
from webapp.users.models import User
from webapp.web.api import App

PAIRS = 60


def test_of_two_concurrent_creations_one_is_refused(app: App, api: Api, people: People) -> None:
    clients = [Api(app, people.token_for(people.owner())) for _side in range(2)]
    barrier = Barrier(2, timeout=300)

    def side(client: Api) -> list[tuple[int, str]]:
        answers = []
        for number in range(PAIRS):
            barrier.wait()
            response = client.post("/users", {"email": f"twin{number}@example.com", "name": "Twin"})
            answers.append((response.status_code, response.json.get("errors", [{}])[0].get("field", "")))
        return answers

    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(side, clients)
    assert [sorted(pair) for pair in zip(left, right, strict=True)] == [[(201, ""), (409, "email")]] * PAIRS
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == PAIRS + 1
