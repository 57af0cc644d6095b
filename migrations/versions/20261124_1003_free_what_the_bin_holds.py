"""let others use the unique values of deleted people, and drop jobs.rung_at, which is not used

A downgrade adds the column without values. It does not reserve the unique values again.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_1003"
down_revision = "20261124_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM attribute_keys WHERE user_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL)")
    op.execute("ALTER TABLE jobs DROP COLUMN rung_at")


def downgrade() -> None:
    op.add_column("jobs", sa.Column("rung_at", sa.DateTime(timezone=True)))
