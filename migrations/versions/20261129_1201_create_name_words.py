"""create the table of the words of names"""

import sqlalchemy as sa
from alembic import op

from webapp.db.types import key_string

revision = "20261129_1201"
down_revision = "20261129_1200"
branch_labels = None
depends_on = None

WORD_MAX = 40


def upgrade() -> None:
    op.create_table(
        "name_words",
        sa.Column("word", key_string(WORD_MAX), nullable=False),
        sa.Column("reverse", key_string(WORD_MAX), nullable=False),
        sa.Column("spelling", sa.String(WORD_MAX), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_name_words"),
    )
    op.create_index("ix_name_words_reverse", "name_words", ["reverse"])


def downgrade() -> None:
    op.drop_table("name_words")
