"""The floor of a page: its statements by the bare driver, and its template rendered from constants."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from flask import render_template, template_rendered
from sqlalchemy import event
from sqlalchemy.engine import make_url

from bench.instances import Instance
from webapp.db.engines import POSTGRESQL_OPTIONS
from webapp.db.session import db

# Flask adds these to each template context.
FLASK_CONTEXT = {"g", "request", "session", "current_user"}


@dataclass
class Captured:
    """The statements of a page, and its template with its context."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)


def capture(instance: Instance, path: str, cookies: Mapping[str, str]) -> Captured:
    """Request `path` once in this process, and return its statements and its template."""
    captured = Captured()

    def on_statement(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            captured.statements.append((statement, parameters))

    def on_template(_app: object, template: Any, context: dict[str, Any], **_rest: object) -> None:
        captured.template = template.name
        captured.context = {name: value for name, value in context.items() if name not in FLASK_CONTEXT}

    with instance.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", on_statement)
    try:
        with template_rendered.connected_to(on_template, instance.app):
            answer = instance.app.test_client(use_cookies=False).get(path, headers=_headers(instance, cookies))
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} failed with status {answer.status_code}")
    return captured


class Driver:
    """One warm connection of psycopg2 or sqlite3."""

    def __init__(self, instance: Instance) -> None:
        url = make_url(instance.environment["DATABASE_URL"])
        if instance.engine == "sqlite":
            self.connection: Any = sqlite3.connect(url.database or "", isolation_level=None)
        else:
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            self.connection = psycopg2.connect(plain, options=POSTGRESQL_OPTIONS)
            self.connection.autocommit = True

    def seconds(self, captured: Captured) -> float:
        cursor = self.connection.cursor()
        began = time.perf_counter()
        for statement, parameters in captured.statements:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        return time.perf_counter() - began

    def close(self) -> None:
        self.connection.close()


class Renderer:
    """Renders a captured page inside a request of the signed-in person."""

    def __init__(self, captured: Captured) -> None:
        self.captured = captured

    def seconds(self) -> float:
        began = time.perf_counter()
        render_template(self.captured.template, **self.captured.context)
        return time.perf_counter() - began


@contextmanager
def renderer(instance: Instance, path: str, captured: Captured, cookies: Mapping[str, str]) -> Iterator[Renderer]:
    with instance.app.test_request_context(path, headers=_headers(instance, cookies)):
        instance.app.preprocess_request()
        # The loaded user stays usable. The connection returns to the pool.
        db.session.expunge_all()
        db.session.rollback()
        yield Renderer(captured)


def _headers(instance: Instance, cookies: Mapping[str, str]) -> dict[str, str]:
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Host": instance.environment["BIND"], "Cookie": cookie}
