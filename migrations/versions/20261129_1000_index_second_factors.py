"""index the people who have a second factor"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1000"
down_revision = "20261129_0900"
branch_labels = None
depends_on = None

NAME = "ix_users_second_factor_at_id"
WHERE = sa.text("second_factor_at IS NOT NULL")


def upgrade() -> None:
    columns = ["second_factor_at", "id"]
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(NAME, "users", columns, sqlite_where=WHERE)
        return
    with op.get_context().autocommit_block():
        # An interrupted run leaves an invalid index.
        op.drop_index(NAME, "users", if_exists=True, postgresql_concurrently=True)
        op.create_index(NAME, "users", columns, postgresql_where=WHERE, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "users")
