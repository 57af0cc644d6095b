"""Databases for benchmarks: filled with demo people, each with an app in this process."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import flask_migrate
import psycopg2
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from webapp import create_app
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.demo.services import Owner, fill
from webapp.settings import load_settings
from webapp.users.models import User
from webapp.web.api import App

ENGINES = ("postgresql", "sqlite")
# The default of `--server`.
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
BENCH = Actor(ActorKind.COMMAND, "bench")


@dataclass(frozen=True)
class Instance:
    """A filled database, and an app in this process that uses it. `filled_in`: the seconds that filling took."""

    engine: str
    app: App
    environment: dict[str, str]
    owner: Owner
    users: int
    filled_in: float


def existing_instance(url: str) -> Instance:
    """Return the instance of an existing database, after migrating it to the newest version."""
    environment = _environment(url)
    app = create_app(load_settings(environment))
    logging.getLogger().setLevel(logging.WARNING)
    with app.app_context():
        flask_migrate.upgrade()
        first = db.session.scalars(select(User).order_by(User.created_at, User.id).limit(1)).one()
        users = db.session.scalar(select(func.count()).select_from(User)) or 0
        return Instance(db.engine.dialect.name, app, environment, Owner(first.email, ""), users, 0)


def _environment(url: str) -> dict[str, str]:
    bind = f"127.0.0.1:{free_port()}"
    return {
        "APP_ENV": "production",
        "DATABASE_URL": url,
        "SECRET_KEY": secrets.token_hex(32),
        "BIND": bind,
        "BASE_URL": f"http://{bind}",
        "LOG_FORMAT": "json",
        "LOGIN_LIMIT": "off",
        "API_LIMIT": "off",
    }


@contextmanager
def temporary_instance(engine: str, users: int, *, server: str) -> Iterator[Instance]:
    """Create and fill a database. Drop it at the end of the `with` block."""
    with _database(engine, server) as url:
        environment = _environment(url)
        app = create_app(load_settings(environment))
        logging.getLogger().setLevel(logging.WARNING)
        with app.app_context():
            flask_migrate.upgrade()
            began = time.perf_counter()
            owner = fill(users, by=BENCH)
            took = time.perf_counter() - began
            # Count the words of names, for the suggestions of searches.
            app.test_cli_runner().invoke(args=["jobs", "run", "directory.words"])
        yield Instance(engine, app, environment, owner, users, took)
        with app.app_context():
            db.engine.dispose()


@contextmanager
def _database(engine: str, server: str) -> Iterator[str]:
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    name = f"rollcall_bench_{os.getpid()}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
