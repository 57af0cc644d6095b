"""The migration of the database, the migrations that this version has, and moving from one to another."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import text

from webapp.db.session import db
from webapp.settings import RESOURCES

# Most commands do not need Alembic, which takes 0.1 s to import. So the functions below import it.
if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

FOLDER = RESOURCES / "migrations"


def database_revision() -> str | None:
    """Return the migration of the database. Return None if it is empty."""
    if not db.inspect(db.engine).has_table("alembic_version"):
        return None
    revision: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


@lru_cache
def latest_revision() -> str | None:
    return _scripts().get_current_head()


@lru_cache
def has_migration(revision: str) -> bool:
    """Return whether this version knows the migration. If not, a newer version migrated the database."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def migrate(revision: str = "head") -> None:
    """Upgrade or downgrade the database to a migration that this version has. Call it outside a transaction."""
    from alembic import command  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    current = database_revision()
    db.session.rollback()
    is_back = current is not None and revision != "head" and revision in _revisions_before(current)
    (command.downgrade if is_back else command.upgrade)(_config(), revision)


def _revisions_before(revision: str) -> set[str]:
    return {script.revision for script in _scripts().iterate_revisions(revision, "base")} - {revision}


@lru_cache
def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
