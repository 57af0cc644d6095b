"""find groups by parts of their names without reading all groups, on PostgreSQL

SQLite reads the names of 10,000 groups in one millisecond.
"""

from alembic import op
from sqlalchemy import text

revision = "20261130_0230"
down_revision = "20261130_0220"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The first migration tried to create the extension. Without it, PostgreSQL reads all names.
    connection = op.get_bind()
    if connection.dialect.name == "postgresql" and connection.scalar(
        text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    ):
        op.execute(
            "CREATE INDEX ix_groups_name_sort_pg ON groups USING gin (name_sort gin_trgm_ops) WITH (fastupdate = off)"
        )


def downgrade() -> None:
    op.execute("DROP INDEX IF EXISTS ix_groups_name_sort_pg")
