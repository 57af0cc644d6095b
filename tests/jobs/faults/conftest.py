"""Servers that are there to be killed, started when a test first asks for one, and a Rollcall over any two of them."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.jobs.faults.servers import Postgresql, Rabbitmq, Redis, wanted
from tests.jobs.faults.workers import Rollcall, rollcall
from tests.running import ROOT, environment

NUMBERS = itertools.count(1)
Make = Callable[..., Rollcall]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A cluster with the newest migration in its database `template`."""
    server = Postgresql()
    try:
        server.start()
        server.ready()
        server.sql("CREATE DATABASE template")
        _migrate(server.folder, server.url("template"))
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file at the newest migration, to be copied."""
    folder = tmp_path_factory.mktemp("sqlite")
    _migrate(folder, f"sqlite:///{folder}/template.db")
    return folder / "template.db"


def _migrate(folder: Path, url: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    env = environment(folder, 0, DATABASE_URL=url)
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    server = Redis()
    try:
        server.start()
        server.ready()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session", autouse=True)
def booting(request: pytest.FixtureRequest) -> Iterator[Rabbitmq | None]:
    """RabbitMQ takes ten seconds to start: where a test needs it, it does so beside the tests before."""
    needed = any("rabbitmq" in item.nodeid for item in request.session.items)
    if not (needed and Rabbitmq.installed()):
        yield None
        return
    server = Rabbitmq()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def rabbitmq(booting: Rabbitmq | None) -> Rabbitmq:
    wanted("rabbitmq-server", booting)
    assert booting
    booting.ready()
    return booting


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """make("postgresql", "redis"): a Rollcall with an empty database and a queue of its own."""
    with making(request, tmp_path) as make:
        yield make


@contextmanager
def making(request: pytest.FixtureRequest, folder: Path) -> Iterator[Make]:
    """`make`, for a fixture of any scope."""

    def made(data: str, bell: str, **settings: str) -> Rollcall:
        database_url, broker_url = _data(request, data, folder), _bell(request, bell, folder)
        return stack.enter_context(rollcall(database_url, broker_url, folder, **settings))

    with ExitStack() as stack:
        yield made


def _data(request: pytest.FixtureRequest, name: str, folder: Path) -> str:
    server = request.getfixturevalue(name)
    if isinstance(server, Postgresql):
        database = f"rollcall_{next(NUMBERS)}"
        server.sql(f"CREATE DATABASE {database} TEMPLATE template")
        return server.url(database)
    shutil.copy(server, folder / "rollcall.db")
    return f"sqlite:///{folder}/rollcall.db"


def _bell(request: pytest.FixtureRequest, name: str, folder: Path) -> str:
    if name == "sqlite":
        return f"sqla+sqlite:///{folder}/broker.db"
    server = request.getfixturevalue(name)
    return server.url if isinstance(server, Rabbitmq) else server.url(next(NUMBERS) % 16)
