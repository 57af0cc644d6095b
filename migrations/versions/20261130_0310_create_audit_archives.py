"""create archives of the audit trail"""

import sqlalchemy as sa
from alembic import op

from webapp.db.types import Instant

revision = "20261130_0310"
down_revision = "20261130_0300"
branch_labels = None
depends_on = None

ACTORS = """
UPDATE audit_redactions SET actor_id = (
    SELECT audit_records.actor_id FROM audit_records WHERE audit_records.id = audit_redactions.record_id
)
"""


def upgrade() -> None:
    op.create_table(
        "audit_archives",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("before", Instant(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("starts", sa.JSON(), nullable=False),
        sa.Column("ends", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger()),
        sa.Column("file_hash", sa.String(64)),
        sa.Column("sealed_at", Instant()),
        sa.Column("finished_at", Instant()),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "audit_archive_keys",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.LargeBinary()),
    )
    op.create_table(
        "audit_archived_erasures",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("redactions_hash", sa.String(64)),
    )
    op.create_table(
        "audit_archived_names",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(254), primary_key=True),
    )
    op.add_column("audit_redactions", sa.Column("actor_id", sa.Uuid()))
    op.execute(ACTORS)


def downgrade() -> None:
    op.drop_column("audit_redactions", "actor_id")
    for table in ("audit_archived_names", "audit_archived_erasures", "audit_archive_keys", "audit_archives"):
        op.drop_table(table)
