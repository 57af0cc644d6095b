"""store who saved mappings of imports, and when they were used"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0300"
down_revision = "20261130_0230"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_mappings", sa.Column("saved_by_id", sa.Uuid()))
    op.add_column("import_mappings", sa.Column("last_used_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("import_mappings") as table:
        table.drop_column("last_used_at")
        table.drop_column("saved_by_id")
