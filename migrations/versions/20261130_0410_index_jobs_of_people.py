"""list the jobs that people started without reading those of schedules"""

from alembic import op
from sqlalchemy import text

revision = "20261130_0410"
down_revision = "20261130_0400"
branch_labels = None
depends_on = None

OF_PEOPLE = text("asked_by_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_jobs_of_people_id", "jobs", ["id"], postgresql_where=OF_PEOPLE, sqlite_where=OF_PEOPLE)


def downgrade() -> None:
    op.drop_index("ix_jobs_of_people_id", "jobs")
