"""/healthz and /readyz, for load balancers and orchestrators."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.access import public
from webapp.core.database import db

health_pages = Blueprint("health", __name__)

# What else /readyz tells: name → a function that gives a word, or None when all is well. Features add theirs.
hints: dict[str, Callable[[], str | None]] = {}


@health_pages.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers; asks nothing else."""
    return jsonify(status="alive")


@health_pages.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """The database answers and is at the newest migration."""
    try:
        revision = current_revision()
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="unready", database="unreachable"), 503
    if revision != newest_revision():
        return jsonify(status="unready", database="not at the newest migration"), 503
    # Without a worker pages are answered all the same: it is told, and no reason to send nobody here.
    return jsonify({"status": "ready"} | {name: word for name, tell in hints.items() if (word := tell())})


def current_revision() -> str | None:
    """The migration that the database is at; None for an empty one."""
    if not db.inspect(db.engine).has_table("alembic_version"):
        return None
    revision: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


@lru_cache
def newest_revision() -> str | None:
    return _scripts().get_current_head()


def knows(revision: str) -> bool:
    """Whether this code has the migration; not: a newer Rollcall made the database."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


@lru_cache
def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", current_app.extensions["migrate"].directory)
    return ScriptDirectory.from_config(config)
