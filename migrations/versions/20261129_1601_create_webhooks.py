"""create webhook endpoints, their deliveries and the lease of the sender"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1601"
down_revision = "20261129_1640"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
PENDING = sa.text("next_attempt_at IS NOT NULL")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("position", sa.JSON(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_previous_secret", sa.Text()),
        sa.Column("previous_secret_until", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by_id", sa.Uuid()),
        sa.Column("paused_at", moment),
        sa.Column("paused_by_failures", sa.Boolean(), nullable=False),
        sa.Column("failing_since", moment),
        sa.Column("deleted_at", moment),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
    )
    op.create_index(
        "ix_webhook_endpoints_live_id", "webhook_endpoints", ["id"], postgresql_where=LIVE, sqlite_where=LIVE
    )
    _create_deliveries(moment)
    op.create_table(
        "webhook_sender",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("lease_until", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_sender"),
    )


def _create_deliveries(moment: sa.DateTime) -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid()),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("next_attempt_at", moment),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", moment),
        sa.Column("delivered_at", moment),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("error", sa.String(200), nullable=False),
        sa.Column("milliseconds", sa.Integer()),
        sa.PrimaryKeyConstraint("seq", name="pk_webhook_deliveries"),
        sa.UniqueConstraint("id", name="uq_webhook_deliveries_id"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name="fk_webhook_deliveries_endpoint_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_webhook_deliveries_endpoint_id_id", "webhook_deliveries", ["endpoint_id", "id"])
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"])
    op.create_index("ix_webhook_deliveries_subject_id", "webhook_deliveries", ["subject_id"])
    for name, columns in (("due", ["next_attempt_at", "seq"]), ("order", ["subject_id", "seq"])):
        op.create_index(
            f"ix_webhook_deliveries_{name}",
            "webhook_deliveries",
            ["endpoint_id", *columns],
            postgresql_where=PENDING,
            sqlite_where=PENDING,
        )


def downgrade() -> None:
    op.drop_table("webhook_sender")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_endpoints")
