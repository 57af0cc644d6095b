"""list the jobs of a state, newest first, without sorting them"""

from alembic import op

revision = "20261201_0420"
down_revision = "20261130_0410"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_jobs_state_id", "jobs", ["state", "id"])


def downgrade() -> None:
    op.drop_index("ix_jobs_state_id", "jobs")
