"""create figures and parts of reports"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_0802"
down_revision = "20261124_0801"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_figures"),
    )
    op.create_table(
        "report_parts",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "number", name="pk_report_parts"),
    )


def downgrade() -> None:
    op.drop_table("report_parts")
    op.drop_table("figures")
