"""create feeds and their runs"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0210"
down_revision = "20261130_0100"
branch_labels = None
depends_on = None

LIVE, DUE, OPEN = sa.text("deleted_at IS NULL"), sa.text("next_run_at IS NOT NULL"), sa.text("ended_at IS NULL")


def upgrade() -> None:
    key = sa.String(160).with_variant(sa.String(160, collation="C"), "postgresql")
    op.create_table(
        "feeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", key, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("location", sa.String(1000), nullable=False),
        sa.Column("header_name", sa.String(100), nullable=False),
        sa.Column("sealed_header", sa.Text()),
        sa.Column("mapping_id", sa.Uuid(), nullable=False),
        sa.Column("mapping_name", sa.String(80), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("encoding", sa.String(40), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("key_field", sa.String(64), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("invite", sa.Boolean(), nullable=False),
        _time("paused_at"),
        sa.Column("pause_reason", sa.String(1000), nullable=False),
        sa.Column("last_digest", sa.String(64)),
        sa.Column("last_outcome", sa.String(16)),
        _time("last_run_at"),
        sa.Column("last_message", sa.String(1000), nullable=False),
        _time("created_at", nullable=False),
        _time("deleted_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("time_of_day", sa.String(5), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("weekday", sa.Integer()),
        _time("next_run_at"),
        sa.Column("asked_by_id", sa.Uuid()),
        sa.Column("job_id", sa.Uuid()),
        _time("stop_asked_at"),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("token_id", sa.Uuid()),
        sa.Column("scopes", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
    )
    op.create_index("uq_feeds_name_key", "feeds", ["name_key"], unique=True, postgresql_where=LIVE, sqlite_where=LIVE)
    op.create_index("ix_feeds_next_run_at", "feeds", ["next_run_at"], postgresql_where=DUE, sqlite_where=DUE)
    _create_runs()


def _create_runs() -> None:
    op.create_table(
        "feed_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("import_id", sa.Uuid()),
        _time("started_at", nullable=False),
        _time("ended_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("message", sa.String(1000), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_runs"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_feed_runs_feed_id_feeds", ondelete="CASCADE"),
    )
    op.create_index("ix_feed_runs_feed_id_id", "feed_runs", ["feed_id", "id"])
    op.create_index("ix_feed_runs_ended_at", "feed_runs", ["ended_at"])
    op.create_index(
        "uq_feed_runs_feed_id", "feed_runs", ["feed_id"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN
    )


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def downgrade() -> None:
    op.drop_table("feed_runs")
    op.drop_table("feeds")
