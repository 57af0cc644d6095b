"""keep the trace of the request that enqueued a job"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0100"
down_revision = "20261129_1660"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("traceparent", sa.String(55)))


def downgrade() -> None:
    op.drop_column("jobs", "traceparent")
