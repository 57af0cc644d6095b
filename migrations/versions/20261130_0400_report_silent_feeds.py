"""store since when a feed has no new file, and since when its source counts as silent"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0400"
down_revision = "20261130_0310"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("waiting_since", sa.DateTime(timezone=True)))
    op.add_column("feeds", sa.Column("silent_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("feeds") as table:
        table.drop_column("silent_at")
        table.drop_column("waiting_since")
