"""create scheduled exports and their runs"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0220"
down_revision = "20261130_0210"
branch_labels = None
depends_on = None

LIVE, DUE, OPEN = sa.text("deleted_at IS NULL"), sa.text("next_run_at IS NOT NULL"), sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "scheduled_exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("list_address", sa.String(2000), nullable=False),
        sa.Column("columns", sa.JSON()),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("headings", sa.String(16), nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("keep", sa.Integer(), nullable=False),
        _time("created_at", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("time_of_day", sa.String(5), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("weekday", sa.Integer()),
        _time("next_run_at"),
        _time("paused_at"),
        sa.Column("pause_reason", sa.String(1000), nullable=False),
        sa.Column("last_outcome", sa.String(16)),
        _time("last_run_at"),
        sa.Column("last_message", sa.String(1000), nullable=False),
        _time("deleted_at"),
        sa.Column("asked_by_id", sa.Uuid()),
        sa.Column("job_id", sa.Uuid()),
        _time("stop_asked_at"),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("token_id", sa.Uuid()),
        sa.Column("scopes", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_scheduled_exports"),
    )
    for name, columns, where in (("asked_by_id", ["asked_by_id"], LIVE), ("next_run_at", ["next_run_at"], DUE)):
        index = f"ix_scheduled_exports_{name}"
        op.create_index(index, "scheduled_exports", columns, postgresql_where=where, sqlite_where=where)
    _create_runs()


def _create_runs() -> None:
    foreign_key = sa.ForeignKeyConstraint(
        ["export_id"], ["scheduled_exports.id"], name="fk_export_runs_export_id_scheduled_exports", ondelete="CASCADE"
    )
    op.create_table(
        "export_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        _time("started_at", nullable=False),
        _time("ended_at"),
        sa.Column("outcome", sa.String(16)),
        sa.Column("message", sa.String(1000), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_export_runs"),
        foreign_key,
    )
    op.create_index("ix_export_runs_export_id_id", "export_runs", ["export_id", "id"])
    op.create_index("ix_export_runs_ended_at", "export_runs", ["ended_at"])
    op.create_index(
        "uq_export_runs_export_id", "export_runs", ["export_id"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN
    )


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def downgrade() -> None:
    op.drop_table("export_runs")
    op.drop_table("scheduled_exports")
