"""create users"""

import logging

import sqlalchemy as sa
from alembic import op

revision = "20261124_0600"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", _key(320), nullable=False),
        sa.Column("username", sa.String(64)),
        sa.Column("username_key", _key(320)),
        sa.Column(
            "username_sort", _key(320), sa.Computed("coalesce(username_key, '')", persisted=True), nullable=False
        ),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", _key(200), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column(
            "status",
            _key(16),
            sa.Computed(
                "CASE WHEN deactivated_at IS NOT NULL THEN 'deactivated'"
                " WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(8)),
        sa.Column("timezone", sa.String(64)),
        sa.Column("theme", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True)),
        sa.Column(
            "last_sign_in_sort",
            sa.DateTime(timezone=True),
            sa.Computed("coalesce(last_sign_in_at, '0001-01-01 00:00:00.000000')", persisted=True),
            nullable=False,
        ),
        sa.Column("deactivated_at", sa.DateTime(timezone=True)),
        sa.Column("deactivated_by_name", sa.String(200)),
        sa.Column("sessions_since", sa.DateTime(timezone=True)),
        sa.Column("tokens_since", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email_key", name="uq_users_email_key"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
    )
    for columns in (
        ["name_key", "id"],
        ["username_sort", "id"],
        ["created_at", "id"],
        ["last_sign_in_sort", "id"],
        ["status", "name_key", "id"],
    ):
        op.create_index("ix_users_" + "_".join(columns), "users", columns)
    if op.get_bind().dialect.name == "postgresql":
        # Few people are invited or deactivated. Without these indexes, other sort orders would read all people.
        for column in ("email_key", "username_sort", "created_at", "last_sign_in_sort"):
            op.create_index(
                f"ix_users_inactive_{column}_pg",
                "users",
                ["status", column, "id"],
                postgresql_where=sa.text("status <> 'active'"),
            )
        _create_trigram_index()


def downgrade() -> None:
    op.drop_table("users")


def _key(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _create_trigram_index() -> None:
    """Index parts of words. A role that cannot create the extension gets no index, and searches read all rows."""
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            op.execute("CREATE INDEX ix_users_search_text_pg ON users USING gin (search_text gin_trgm_ops)")
    except sa.exc.DBAPIError as error:
        logging.getLogger("rollcall.migrations").warning(
            "Search will be slow with many users: the extension pg_trgm could not be made (%s)."
            " Grant CREATE on the database, or let an administrator run CREATE EXTENSION pg_trgm.",
            str(error.orig).strip(),
        )
