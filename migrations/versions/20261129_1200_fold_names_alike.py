"""compute the keys of names without apostrophes, with base letters and with umlauts as ae, oe, ue

On PostgreSQL each batch is a transaction of its own, and an interrupted migration can run again. During an upgrade, the
older version writes the same columns. A daily job recomputes the rows that it wrote.
"""

import sqlalchemy as sa
from alembic import op

from webapp.core.text import fold_text
from webapp.users.stored_keys import recompute_keys

revision = "20261129_1200"
down_revision = "20261129_1910"
branch_labels = None
depends_on = None

BATCH = 1000
NAMED = ("groups", "saved_views")


def upgrade() -> None:
    for name in NAMED:
        _recompute_names(name)
    if op.get_bind().dialect.name == "sqlite":
        _recompute_people()
    else:
        with op.get_context().autocommit_block():
            _recompute_people()


def downgrade() -> None:
    """The earlier version can read these keys, and computes its own when a person is saved."""


def _recompute_people() -> None:
    after = None
    while True:
        after, _number = recompute_keys(op.get_bind(), after=after, limit=BATCH)
        if after is None:
            return


def _recompute_names(name: str) -> None:
    named = sa.table(name, sa.column("id", sa.Uuid()), sa.column("name"), sa.column("name_sort"))
    bind = op.get_bind()
    for row in bind.execute(sa.select(named)).all():
        if (key := fold_text(row.name)) != row.name_sort:
            bind.execute(named.update().where(named.c.id == row.id).values(name_sort=key))
