"""A trail with old and new records, and what archives it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import time_machine

from tests.audit_archive.archives import PEOPLE
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR
from webapp.audit import services
from webapp.core.permissions import Actor, ActorKind
from webapp.users.services import update_user
from webapp.web.api import App

JANUARY, MARCH, JUNE = (datetime(2030, month, 5, 12, tzinfo=UTC) for month in (1, 3, 6))


@pytest.fixture(autouse=True)
def few_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use four shards, so that few records fill them."""
    monkeypatch.setattr(services, "SHARDS", 4)


@pytest.fixture
def clock(app: App) -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(JANUARY, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def admin(clock: time_machine.Coordinates, people: People) -> Actor:
    user = people.create(name="Антон Иванов", email="anton@example.com", roles=[ADMINISTRATOR])
    return Actor(ActorKind.USER, user.name, user.id, address="192.0.2.7")


@pytest.fixture
def trail(app: App, admin: Actor, people: People, clock: time_machine.Coordinates) -> list[UUID]:
    """People with changes in January and in March. It is June. Return the IDs of the people."""
    ids = []
    with app.app_context():
        for number in range(PEOPLE):
            person = people.create(name=f"Person {number}")
            ids.append(person.id)
            update_user(person.id, name=f"Особа {number}", by=admin)
        clock.move_to(MARCH)
        for number, person_id in enumerate(ids):
            update_user(person_id, name=f"Новая {number}", by=TESTER)
    clock.move_to(JUNE)
    return ids


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "archives"
    path.mkdir()
    return path
