"""Updates the table `figures`. The dashboard shows its totals if there are too many people to count for each page."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, text

from webapp.core.clock import now
from webapp.dashboard.models import Figure
from webapp.db.session import NO_SYNC, db
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
    SELECT 'people.role.' || CAST(role_id AS TEXT), count(DISTINCT user_id) FROM role_grants
    WHERE user_id IS NOT NULL AND starts_at <= :at AND (ends_at IS NULL OR ends_at > :at)
        AND EXISTS (SELECT 1 FROM users WHERE users.id = user_id AND status = 'active') GROUP BY role_id
) AS figures_now
WHERE true
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at
"""


def refresh_figures() -> None:
    moment = now()
    db.session.execute(text(_REFRESH).bindparams(bindparam("at", moment, Instant)))
    # Roles and statuses that no one has any more.
    old = (Figure.name.like("people.%"), Figure.at < moment)
    db.session.execute(delete(Figure).where(*old), execution_options=NO_SYNC)
