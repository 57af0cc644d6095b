"""create bulk changes, their people, and the parts of their files"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_1001"
down_revision = "20261124_1002"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "bulk_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid()),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("argument", sa.JSON(), nullable=False),
        sa.Column("view", sa.String(2000)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("planned_upto", sa.Integer(), nullable=False),
        sa.Column("plan_hash", sa.String(64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        _moment("stop_asked_at"),
        sa.Column("undo_id", sa.Uuid()),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        _moment("created_at", nullable=False),
        _moment("applied_at"),
        _moment("undone_at"),
        _moment("emptied_at"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_changes"),
    )
    op.create_index("ix_bulk_changes_asked_by_id_id", "bulk_changes", ["asked_by_id", "id"])
    op.create_table(
        "bulk_items",
        sa.Column("bulk_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("words", sa.Text()),
        sa.Column("changes", sa.JSON()),
        sa.Column("record_ids", sa.JSON()),
        sa.PrimaryKeyConstraint("bulk_id", "number", name="pk_bulk_items"),
    )
    op.create_index("ix_bulk_items_bulk_id_outcome_number", "bulk_items", ["bulk_id", "outcome", "number"])
    op.create_index("ix_bulk_items_user_id", "bulk_items", ["user_id"])
    op.create_table(
        "bulk_parts",
        sa.Column("bulk_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bulk_id", "number", name="pk_bulk_parts"),
    )


def downgrade() -> None:
    for table in ("bulk_parts", "bulk_items", "bulk_changes"):
        op.drop_table(table)
