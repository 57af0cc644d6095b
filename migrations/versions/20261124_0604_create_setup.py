"""create setup"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_0604"
down_revision = "20261124_0603"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setup",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_setup_only_row"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_setup_owner_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_setup"),
    )


def downgrade() -> None:
    op.drop_table("setup")
