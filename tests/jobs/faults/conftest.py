"""Servers that tests may kill, each started for the first test that needs it, and deployments of Rollcall over them."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.databases import copy_migrated_sqlite, migrate_in_fork
from tests.jobs.faults.deployment import Deployment, deployment
from tests.jobs.faults.servers import Postgresql, Rabbitmq, Redis, running

NUMBERS = itertools.count(1)
Deploy = Callable[..., Deployment]


@pytest.fixture(scope="package")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgresql]:
    """A cluster with the newest migration in its database `template`."""
    with running(Postgresql()) as server:
        server.sql("CREATE DATABASE template")
        migrate_in_fork(server.url("template"), tmp_path_factory.mktemp("postgresql"))
        yield server


@pytest.fixture(scope="package")
def redis() -> Iterator[Redis]:
    with running(Redis()) as server:
        yield server


@pytest.fixture(scope="package")
def rabbitmq() -> Iterator[Rabbitmq]:
    with running(Rabbitmq()) as server:
        yield server


@pytest.fixture
def deploy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deploy]:
    """Return a function: `deploy("postgresql", "redis")` returns a deployment with an empty database and queue."""
    with deploying(request, tmp_path) as deploy:
        yield deploy


@contextmanager
def deploying(request: pytest.FixtureRequest, folder: Path) -> Iterator[Deploy]:
    """`deploy`, for a fixture of any scope."""

    def deploy(database: str, broker: str, **settings: str) -> Deployment:
        own = Path(tempfile.mkdtemp(dir=folder))
        database_url, broker_url = _database_url(request, database, own), _broker_url(request, broker, own)
        return stack.enter_context(deployment(database_url, broker_url, own, **settings))

    with ExitStack() as stack:
        yield deploy


def _database_url(request: pytest.FixtureRequest, name: str, folder: Path) -> str:
    if name == "sqlite":
        copy_migrated_sqlite(folder / "rollcall.db")
        return f"sqlite:///{folder}/rollcall.db"
    server: Postgresql = request.getfixturevalue(name)
    database = f"rollcall_{next(NUMBERS)}"
    server.sql(f"CREATE DATABASE {database} TEMPLATE template")
    return server.url(database)


def _broker_url(request: pytest.FixtureRequest, name: str, folder: Path) -> str:
    if name == "sqlite":
        return f"sqla+sqlite:///{folder}/broker.db"
    server = request.getfixturevalue(name)
    return server.url if isinstance(server, Rabbitmq) else server.url(next(NUMBERS) % 16)
