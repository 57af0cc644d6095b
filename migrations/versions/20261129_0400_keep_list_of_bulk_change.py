"""keep the list in which the people of a bulk change were selected"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0400"
down_revision = "20261129_0300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bulk_changes", sa.Column("list_view", sa.String(2000), nullable=True))


def downgrade() -> None:
    op.drop_column("bulk_changes", "list_view")
