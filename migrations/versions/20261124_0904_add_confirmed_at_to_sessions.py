"""add confirmed_at to sessions: when the password was last entered"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_0904"
down_revision = "20261124_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE sessions SET confirmed_at = created_at")
    with op.batch_alter_table("sessions") as sessions:
        sessions.alter_column("confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("confirmed_at")
