"""/healthz and /readyz, for load balancers and orchestrators."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.context import current_registry
from webapp.db.revisions import database_revision, latest_revision
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
