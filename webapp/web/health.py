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

from webapp.core.context import current_registry
from webapp.db.session import db
from webapp.web.guards import public

health_pages = Blueprint("health", __name__)


class Warnings(dict[str, Callable[[], str | None]]):
    """More checks of /readyz: each function returns a sentence, or None if all is well."""


@health_pages.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Report that the process runs. Use no database."""
    return jsonify(status="alive")


@health_pages.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Report whether the database answers and is at the newest migration."""
    try:
        revision = database_revision()
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="unready", database="unreachable"), 503
    if revision != latest_revision():
        return jsonify(status="unready", database="not at the newest migration"), 503
    # A warning does not make the status unready: pages work without a worker.
    warnings = current_registry().get(Warnings)
    found = {name: text for name, warning in warnings.items() if (text := warning())}
    return jsonify({"status": "ready"} | found)


def database_revision() -> str | None:
    """Return the migration of the database. Return None if it is empty."""
    if not db.inspect(db.engine).has_table("alembic_version"):
        return None
    revision: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


@lru_cache
def latest_revision() -> str | None:
    return _scripts().get_current_head()


def has_migration(revision: str) -> bool:
    """Return whether this version knows the migration. If not, a newer version migrated the database."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


@lru_cache
def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", current_app.extensions["migrate"].directory)
    return ScriptDirectory.from_config(config)
