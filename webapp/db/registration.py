"""Registers the database."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from webapp.core.context import Registry
from webapp.db.engines import init_engine
from webapp.db.replicas import Replica, Replicas
from webapp.db.revisions import FOLDER
from webapp.db.session import db


def register(app: Flask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(FOLDER), render_as_batch=True, compare_server_default=False)
    with app.app_context():
        for engine in db.engines.values():
            init_engine(engine)
        registry: Registry = app.extensions["rollcall"]
        registry.get(Replicas).replicas = [Replica(engine) for key, engine in db.engines.items() if key]
