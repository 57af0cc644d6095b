"""number security events in the order of their commits, for the event stream"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1910"
down_revision = "20261129_1900"
branch_labels = None
depends_on = None

NUMBER = """
UPDATE security_events SET seq = numbered.seq
FROM (SELECT id, row_number() OVER (ORDER BY id) AS seq FROM security_events) AS numbered
WHERE numbered.id = security_events.id
"""


def upgrade() -> None:
    op.add_column("security_events", sa.Column("seq", sa.BigInteger()))
    op.execute(NUMBER)
    op.create_index("ix_security_events_seq", "security_events", ["seq"])


def downgrade() -> None:
    op.drop_index("ix_security_events_seq", "security_events")
    op.drop_column("security_events", "seq")
