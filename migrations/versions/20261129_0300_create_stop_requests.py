"""create the table of requests to stop a job or a bulk change"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0300"
down_revision = "20261129_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stop_requests",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="pk_stop_requests"),
    )


def downgrade() -> None:
    op.drop_table("stop_requests")
