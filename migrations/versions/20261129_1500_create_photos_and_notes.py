"""create photos of people, and notes about them"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1500"
down_revision = "20261129_1201"
branch_labels = None
depends_on = None

CURRENT = sa.text("removed_at IS NULL")
REMOVED = sa.text("removed_at IS NOT NULL")
DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "user_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_user_photos"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_photos_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_user_photos_user_id_id", "user_photos", ["user_id", "id"])
    op.create_index(
        "uq_user_photos_user_id",
        "user_photos",
        ["user_id"],
        unique=True,
        postgresql_where=CURRENT,
        sqlite_where=CURRENT,
    )
    op.create_index(
        "ix_user_photos_removed_at_id",
        "user_photos",
        ["removed_at", "id"],
        postgresql_where=REMOVED,
        sqlite_where=REMOVED,
    )
    op.create_table(
        "user_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_notes"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_notes_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_user_notes_user_id_id", "user_notes", ["user_id", "id"])
    op.create_index("ix_user_notes_author_id", "user_notes", ["author_id"])
    op.create_index(
        "ix_user_notes_deleted_at_id",
        "user_notes",
        ["deleted_at", "id"],
        postgresql_where=DELETED,
        sqlite_where=DELETED,
    )


def downgrade() -> None:
    op.drop_table("user_notes")
    op.drop_table("user_photos")
