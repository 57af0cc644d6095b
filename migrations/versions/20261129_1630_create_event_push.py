"""create the target of the event stream"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1630"
down_revision = "20261129_1601"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_push",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(1000), nullable=False),
        sa.Column("sealed_authorization", sa.Text()),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.String(500)),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("test_requested_at", sa.DateTime(timezone=True)),
        sa.Column("tested_at", sa.DateTime(timezone=True)),
        sa.Column("test_error", sa.String(500)),
        sa.Column("lease_holder", sa.String(64)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_event_push"),
        sa.CheckConstraint("id = 1", name="ck_event_push_only_row"),
    )


def downgrade() -> None:
    op.drop_table("event_push")
