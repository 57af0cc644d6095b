"""The web floor: a Flask view with one keyset query of 50 people and a plain table, without session or layout."""

from __future__ import annotations

import os
import sqlite3
from typing import Any

import psycopg2
from flask import Flask, render_template_string
from sqlalchemy.engine import make_url

from bench.empty import (  # noqa: F401  gunicorn reads these
    accesslog,
    control_socket_disable,
    keepalive,
    loglevel,
    preload_app,
    threads,
    worker_class,
    workers,
)

app = Flask(__name__)
TABLE = """<!doctype html><html><head><title>users</title></head><body><table>
<tr><th>id<th>e-mail<th>username<th>name<th>status<th>created<th>last sign-in</tr>
{% for row in rows %}<tr><td><a href="/users/{{ row[0] }}">{{ row[0] }}</a></td>
{% for value in row[1:] %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table></body></html>"""
COLUMNS = "id, email, username, name, status, created_at, last_sign_in_at"
ROWS = f"SELECT {COLUMNS} FROM users WHERE id > {{}} ORDER BY id LIMIT 50"
_connections: dict[int, Any] = {}


@app.get("/")
def page() -> str:
    cursor = _connection().cursor()
    url = make_url(os.environ["DATABASE_URL"])
    if url.get_backend_name() == "sqlite":
        cursor.execute(ROWS.format("?"), [os.environ["FLOOR_AFTER"].replace("-", "")])
    else:
        cursor.execute(ROWS.format("%s"), [os.environ["FLOOR_AFTER"]])
    return render_template_string(TABLE, rows=cursor.fetchall())


def _connection() -> Any:
    """Return the connection of this process. One is enough, because the benchmark sends one request at a time."""
    if os.getpid() not in _connections:
        url = make_url(os.environ["DATABASE_URL"])
        if url.get_backend_name() == "sqlite":
            _connections[os.getpid()] = sqlite3.connect(url.database or "", check_same_thread=False)
        else:
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            _connections[os.getpid()] = psycopg2.connect(plain)
            _connections[os.getpid()].autocommit = True
    return _connections[os.getpid()]
