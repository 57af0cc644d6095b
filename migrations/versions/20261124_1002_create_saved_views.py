"""create saved views, and store how each person displays the list of users"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261124_1002"
down_revision = "20261124_1003"
branch_labels = None
depends_on = None

KEY = sa.String(320).with_variant(sa.String(320, collation="C"), "postgresql")
VALUES = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(
            "owner_id",
            sa.Uuid(),
            sa.ForeignKey("users.id", name="fk_saved_views_owner_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("name_sort", KEY, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("owner_id", "name_key", name="uq_saved_views_owner_id_name_key"),
    )
    shared = sa.text("shared")
    op.create_index(
        "ix_saved_views_name_sort_id", "saved_views", ["name_sort", "id"], postgresql_where=shared, sqlite_where=shared
    )
    # Adding a column with a constant default rewrites no rows on either engine.
    op.add_column("users", sa.Column("list_settings", VALUES, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN list_settings")
    op.drop_table("saved_views")
