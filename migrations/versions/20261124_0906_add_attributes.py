"""add attributes that an organisation defines, their values, and the keys of unique ones"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261124_0906"
down_revision = "20261124_0902"
branch_labels = None
depends_on = None

VALUES = sa.JSON().with_variant(JSONB(), "postgresql")


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(column: str, other: str) -> sa.Column:
    key = sa.ForeignKey(f"{other}.id", name=f"fk_attribute_keys_{column}", ondelete="CASCADE")
    return sa.Column(column, sa.Uuid(), key, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "attributes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label_en", sa.String(80), nullable=False),
        sa.Column("label_ru", sa.String(80), nullable=False),
        sa.Column("help", sa.String(300), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("unique", sa.Boolean(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("visible_to", sa.String(16), nullable=False),
        sa.Column("editable_by", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sortable", sa.Boolean(), nullable=False),
        _moment("indexed_at"),
        _moment("created_at", nullable=False),
        _moment("deleted_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("key", name="uq_attributes_key"),
    )
    op.create_table(
        "attribute_keys",
        _reference("attribute_id", "attributes"),
        _reference("user_id", "users"),
        sa.Column("value_key", sa.String(64), nullable=False),
        sa.UniqueConstraint("attribute_id", "value_key", name="uq_attribute_keys_attribute_id_value_key"),
    )
    op.create_index("ix_attribute_keys_user_id", "attribute_keys", ["user_id"])
    # Adding a column with a constant default rewrites no rows on either engine.
    op.add_column("users", sa.Column("attributes", VALUES, nullable=False, server_default="{}"))
    op.add_column("users", sa.Column("attributes_sort", VALUES, nullable=False, server_default="{}"))


def downgrade() -> None:
    for name in op.get_bind().execute(sa.text(_INDEXES[op.get_bind().dialect.name])).scalars().all():
        op.execute(f"DROP INDEX {name}")
    for name in ("attributes_sort", "attributes"):
        op.execute(f"ALTER TABLE users DROP COLUMN {name}")
    op.drop_table("attribute_keys")
    op.drop_table("attributes")


# The indexes of attributes, which a job created.
_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_users_attr_%_pg'",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'ix_users_attr_%_pg'",
}
