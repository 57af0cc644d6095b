"""create the sizes of groups, index groups by parent and name, and keep what people have read"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1600"
down_revision = "20261129_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_counts",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("direct", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name="pk_group_counts"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_group_counts_group_id", ondelete="CASCADE"),
    )
    op.create_index("ix_groups_parent_id_name_sort_id", "groups", ["parent_id", "name_sort", "id"])
    op.drop_index("ix_groups_parent_id", "groups")
    op.add_column("users", sa.Column("news_read", sa.String(16)))
    for name in ("audit_seen_at", "steps_closed_at"):
        op.add_column("users", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in ("steps_closed_at", "audit_seen_at", "news_read"):
        op.drop_column("users", name)
    op.create_index("ix_groups_parent_id", "groups", ["parent_id"])
    op.drop_index("ix_groups_parent_id_name_sort_id", "groups")
    op.drop_table("group_counts")
