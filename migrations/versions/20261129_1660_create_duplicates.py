"""create duplicates: keys, pairs and merges"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1660"
down_revision = "20261129_1630"
branch_labels = None
depends_on = None

OPEN = sa.text("dismissed_at IS NULL")
MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("users", sa.Column("merged_into_id", sa.Uuid()))
    op.create_index(
        "ix_users_merged_into_id", "users", ["merged_into_id"], postgresql_where=MERGED, sqlite_where=MERGED
    )
    op.create_table(
        "duplicate_keys",
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "user_id", name="pk_duplicate_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "duplicate_pairs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True)),
        sa.Column("dismissed_evidence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_pairs"),
        sa.UniqueConstraint("one_id", "other_id", name="uq_duplicate_pairs_one_id_other_id"),
        sa.ForeignKeyConstraint(["one_id"], ["users.id"], name="fk_duplicate_pairs_one_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["users.id"], name="fk_duplicate_pairs_other_id", ondelete="CASCADE"),
    )
    op.create_index("ix_duplicate_pairs_other_id", "duplicate_pairs", ["other_id"])
    op.create_index(
        "ix_duplicate_pairs_strength_id",
        "duplicate_pairs",
        ["strength", "id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_table(
        "user_merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note_ids", sa.JSON(), nullable=False),
        sa.Column("former_ids", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_merges"),
        sa.ForeignKeyConstraint(["kept_id"], ["users.id"], name="fk_user_merges_kept_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["merged_id"], ["users.id"], name="fk_user_merges_merged_id", ondelete="CASCADE"),
    )
    op.create_index("ix_user_merges_kept_id", "user_merges", ["kept_id"])
    op.create_index("ix_user_merges_merged_id", "user_merges", ["merged_id"])


def downgrade() -> None:
    for table in ("user_merges", "duplicate_pairs", "duplicate_keys"):
        op.drop_table(table)
    op.drop_index("ix_users_merged_into_id", "users")
    op.drop_column("users", "merged_into_id")
