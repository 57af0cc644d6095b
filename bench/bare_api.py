"""The floor of creating a user: a Flask view that inserts the same rows in one transaction, and checks nothing."""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg2
from flask import Flask, jsonify, request
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
URL = make_url(os.environ["DATABASE_URL"])
SQLITE = URL.get_backend_name() == "sqlite"
USER = """INSERT INTO users (id, email, email_key, name, name_key, search_text, theme, created_at, updated_at, version)
    VALUES (%s, %s, %s, %s, %s, %s, 'system', %s, %s, 1)"""
RECORD = """INSERT INTO audit_records (id, at, action, actor_kind, subject_kind, subject_id, request_id, fields, shard,
    seq, details_hash, hash) VALUES (%s, %s, 'user.created', 'token', 'user', %s, '', %s, %s, %s, %s, %s)"""
DETAILS = """INSERT INTO audit_details (record_id, actor_label, subject_label, address, changes, reason, salt)
    VALUES (%s, 'bench', %s, '', '{}', '', '')"""
# A separate shard, which `bench.api` creates, because the hashes of its records are invented.
SHARD = 99
_local = threading.local()


@app.get("/")
def ready() -> str:
    return ""


@app.post("/users")
def create() -> Any:
    body = request.get_json()
    moment = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    user_id, record_id, text_id = _id(), _id(), uuid.uuid4().hex
    connection = _connection()
    cursor = connection.cursor()
    if SQLITE:
        cursor.execute("BEGIN IMMEDIATE")
    email, name = body["email"], body["name"]
    _run(cursor, USER, (user_id, email, email.lower(), name, name.lower(), f"{email}\n{name}", moment, moment))
    _run(cursor, "UPDATE audit_heads SET seq = seq + 1 WHERE shard = %s", (SHARD,))
    _run(cursor, "SELECT seq FROM audit_heads WHERE shard = %s", (SHARD,))
    seq = cursor.fetchone()[0]
    fields = '["email","name"]' if SQLITE else ["email", "name"]
    _run(cursor, RECORD, (record_id, moment, user_id, fields, SHARD, seq, text_id * 2, text_id * 2))
    _run(cursor, DETAILS, (record_id, name))
    connection.commit()
    return jsonify(id=user_id, email=email, name=name, created_at=moment), 201


def _id() -> str:
    new = uuid.uuid4()
    return new.hex if SQLITE else str(new)


def _run(cursor: Any, statement: str, values: tuple[Any, ...]) -> None:
    cursor.execute(statement.replace("%s", "?") if SQLITE else statement, values)


def _connection() -> Any:
    """Return the connection of this thread."""
    if not hasattr(_local, "connection"):
        if SQLITE:
            _local.connection = sqlite3.connect(URL.database or "", isolation_level=None, timeout=10)
            _local.connection.execute("PRAGMA synchronous=FULL")
        else:
            plain = URL.set(drivername="postgresql").render_as_string(hide_password=False)
            _local.connection = psycopg2.connect(plain)
    return _local.connection
