"""Registers the commands of migrations."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from webapp.db.revisions import FOLDER
from webapp.db.session import db


def register(app: Flask) -> None:
    Migrate(app, db, directory=str(FOLDER), render_as_batch=True, compare_server_default=False)
