"""create the parts and the people of job files"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0100"
down_revision = "20261126_1100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The people in old files are not recorded, so erasing a person could not remove them. Files can be created again.
    op.execute("DELETE FROM job_files")
    op.add_column("job_files", sa.Column("rights", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("job_files", sa.Column("removed_at", sa.DateTime(timezone=True)))
    op.create_table(
        "job_file_parts",
        _job_id("job_file_parts"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_job_file_parts"),
    )
    op.create_table(
        "job_file_people",
        _job_id("job_file_people"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("has_row", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_job_file_people_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number", "user_id", name="pk_job_file_people"),
    )
    op.create_index("ix_job_file_people_user_id", "job_file_people", ["user_id"])
    # During an upgrade, servers of the version before still write these tables, so they are not dropped here.
    op.execute("DELETE FROM bulk_parts")
    op.execute("DELETE FROM report_parts")


def downgrade() -> None:
    op.drop_table("job_file_people")
    op.drop_table("job_file_parts")
    with op.batch_alter_table("job_files") as table:
        table.drop_column("removed_at")
        table.drop_column("rights")


def _job_id(table: str) -> sa.Column:
    key = sa.ForeignKey("jobs.id", name=f"fk_{table}_job_id", ondelete="CASCADE")
    return sa.Column("job_id", sa.Uuid(), key, nullable=False)
