"""add scopes, address ranges, revocation and notices to API tokens"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0900"
down_revision = "20261129_0500"
branch_labels = None
depends_on = None

REVOKED = sa.text("revoked_at IS NOT NULL")
BYTES = sa.String(11).with_variant(sa.String(11, collation="C"), "postgresql")


def _columns() -> list[sa.Column]:
    return [
        sa.Column("prefix", BYTES),
        sa.Column("scopes", sa.JSON()),
        sa.Column("address_ranges", sa.JSON()),
        sa.Column("last_used_address", sa.String(64)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("rotated_at", sa.DateTime(timezone=True)),
        sa.Column("created_by_id", sa.Uuid()),
        sa.Column("expiry_notice_days", sa.Integer()),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("api_tokens", column)
    op.create_index("ix_api_tokens_prefix", "api_tokens", ["prefix"])
    op.create_index("ix_api_tokens_user_id_id", "api_tokens", ["user_id", "id"])
    op.create_index("ix_api_tokens_expires_at_id", "api_tokens", ["expires_at", "id"])
    op.create_index("ix_api_tokens_revoked_id", "api_tokens", ["id"], postgresql_where=REVOKED, sqlite_where=REVOKED)
    op.drop_index("ix_api_tokens_user_id", table_name="api_tokens")


def downgrade() -> None:
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])
    for name in ("revoked_id", "expires_at_id", "user_id_id", "prefix"):
        op.drop_index(f"ix_api_tokens_{name}", table_name="api_tokens")
    for column in reversed(_columns()):
        op.drop_column("api_tokens", column.name)
