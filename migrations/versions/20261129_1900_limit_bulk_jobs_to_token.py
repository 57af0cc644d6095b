"""keep the API token of a bulk change, so that its jobs have the limits of the token"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1900"
down_revision = "20261129_1600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bulk_changes", sa.Column("token_id", sa.Uuid()))
    op.add_column("bulk_changes", sa.Column("scopes", sa.JSON()))


def downgrade() -> None:
    op.drop_column("bulk_changes", "scopes")
    op.drop_column("bulk_changes", "token_id")
