"""Connects an app with its database and the read replicas."""

from __future__ import annotations

from flask import Flask

from webapp.core.context import Registry
from webapp.db.engines import init_engine
from webapp.db.replicas import Replica, Replicas
from webapp.db.session import db


def init_databases(app: Flask, registry: Registry) -> None:
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            init_engine(engine)
        registry.add(Replicas([Replica(engine) for key, engine in db.engines.items() if key]))
