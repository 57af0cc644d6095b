"""Updates the table `figures`, from which the dashboard of a large Rollcall shows its totals."""

from __future__ import annotations

from sqlalchemy import bindparam, text

from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.types import Instant

# Raw SQL, because SQLAlchemy has ON CONFLICT only in the insert of one engine, and both engines run the same text.
# Plan: PostgreSQL scans ix_users_created_at_id (index only), SQLite ix_users_status_name_key_id. Both scan role_grants.
# One statement counts all figures, so that they are of the same moment.
_REFRESH = """
INSERT INTO figures (name, value, at)
SELECT name, people, :at FROM (
    SELECT 'people.status.' || status AS name, count(*) AS people FROM users
    WHERE status <> 'deleted' GROUP BY status
    UNION ALL
    SELECT 'people.role.' || CAST(role_id AS TEXT), count(*) FROM role_grants
    WHERE user_id IS NOT NULL AND starts_at <= :at AND (ends_at IS NULL OR ends_at > :at)
        AND user_id NOT IN (SELECT id FROM users WHERE deleted_at IS NOT NULL) GROUP BY role_id
) AS figures_now
WHERE true
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at
"""
# Roles and statuses that no one has any more. Raw SQL like the statement above. It scans the small table `figures`.
_DELETE_OLD = "DELETE FROM figures WHERE name LIKE 'people.%' AND at < :at"


def refresh_figures() -> None:
    moment = bindparam("at", now(), Instant)
    for statement in (_REFRESH, _DELETE_OLD):
        db.session.execute(text(statement).bindparams(moment))
