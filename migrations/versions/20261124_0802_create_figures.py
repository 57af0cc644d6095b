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
    if op.get_bind().dialect.name == "postgresql":
        # For the chart of growth: most other records are sign-ins.
        op.create_index(
            "ix_audit_records_states_pg",
            "audit_records",
            ["action", "at"],
            postgresql_where=sa.text("action = 'user.reactivated' OR action = 'user.deactivated'"),
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_audit_records_states_pg")
    op.drop_table("report_parts")
    op.drop_table("figures")
