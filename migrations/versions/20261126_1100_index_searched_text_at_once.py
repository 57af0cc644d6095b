"""add new texts to the index of searched text immediately, without a pending list

By default PostgreSQL collects up to 4 MB of new entries of a GIN index in a pending list. The write that fills the list
moves it into the index. Among ten million people this write takes seconds, and can exceed the statement timeout of 5 s.
Each search also reads the whole list. Without the list, each write takes about 1 ms longer.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1100"
down_revision = "20261126_1000"
branch_labels = None
depends_on = None

INDEX = "ix_users_search_text_pg"


def upgrade() -> None:
    if _has_index():
        op.execute(f"ALTER INDEX {INDEX} SET (fastupdate = off)")
        # Commits first, so that searches do not wait while the list is emptied.
        with op.get_context().autocommit_block():
            op.execute(f"SELECT gin_clean_pending_list('{INDEX}')")


def downgrade() -> None:
    if _has_index():
        op.execute(f"ALTER INDEX {INDEX} RESET (fastupdate)")


def _has_index() -> bool:
    """Return False on SQLite, and on PostgreSQL if the extension could not be created."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return False
    return connection.scalar(sa.text(f"SELECT to_regclass('{INDEX}')")) is not None
