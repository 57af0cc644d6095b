"""add the bin, former identities and temporary accounts"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_0902"
down_revision = "20261124_0901"
branch_labels = None
depends_on = None

_NOT_DELETED = "deleted_at IS NULL"
_BEFORE = (
    "CASE WHEN deactivated_at IS NOT NULL THEN 'deactivated'"
    " WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END"
)
_AFTER = _BEFORE.replace("CASE WHEN", "CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN", 1)
_ADDED = ("deleted_at", "deleted_by_name", "starts_at", "ends_at")
_SORTS = (["name_key"], ["username_sort"], ["created_at"], ["last_sign_in_sort"], ["status", "name_key"])


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE users ADD COLUMN deleted_at TIMESTAMPTZ, ADD COLUMN deleted_by_name VARCHAR(200),"
            " ADD COLUMN starts_at TIMESTAMPTZ, ADD COLUMN ends_at TIMESTAMPTZ,"
            f" DROP COLUMN status, {_status_on_postgresql(_AFTER)}"
        )
        for column in ("email_key", "username_key"):
            op.drop_constraint(f"uq_users_{column}", "users", type_="unique")
        _index_status_on_postgresql()
    else:
        _make_anew(_AFTER, unique=False)
    for column in ("email_key", "username_key"):
        _partial(f"uq_users_{column}", [column], _NOT_DELETED, unique=True)
    for column in ("deleted_at", "ends_at"):
        _partial(f"ix_users_{column}_id", [column, "id"], f"{column} IS NOT NULL")
    op.create_table(
        "former_identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(254), nullable=False),
        sa.Column("key", _key(320), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_former_identities_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_former_identities"),
    )
    op.create_index("ix_former_identities_user_id_until", "former_identities", ["user_id", "until"])


def downgrade() -> None:
    op.drop_table("former_identities")
    # Without the bin, deleted people become deactivated. Their new keys cannot be the key of anyone else.
    for name in ("uq_users_email_key", "uq_users_username_key", "ix_users_deleted_at_id", "ix_users_ends_at_id"):
        op.drop_index(name, "users")
    op.execute(
        "UPDATE users SET deactivated_at = coalesce(deactivated_at, deleted_at), username = NULL, username_key = NULL,"
        " email_key = substr(email_key, 1, 280) || '#' || CAST(id AS VARCHAR(36)) WHERE deleted_at IS NOT NULL"
    )
    if op.get_bind().dialect.name == "postgresql":
        drops = ", ".join(f"DROP COLUMN {column}" for column in ("status", *_ADDED))
        op.execute(f"ALTER TABLE users {drops}, {_status_on_postgresql(_BEFORE)}")
        for column in ("email_key", "username_key"):
            op.create_unique_constraint(f"uq_users_{column}", "users", [column])
        _index_status_on_postgresql()
    else:
        _make_anew(_BEFORE, unique=True)


def _key(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _partial(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, "users", columns, unique=unique, postgresql_where=condition, sqlite_where=condition)


def _status_on_postgresql(status: str) -> str:
    return f'ADD COLUMN status VARCHAR(16) COLLATE "C" GENERATED ALWAYS AS ({status}) STORED NOT NULL'


def _index_status_on_postgresql() -> None:
    """Create the indexes again: PostgreSQL dropped them with the column."""
    op.create_index("ix_users_status_name_key_id", "users", ["status", "name_key", "id"])
    for column in ("email_key", "username_sort", "created_at", "last_sign_in_sort"):
        op.create_index(
            f"ix_users_inactive_{column}_pg",
            "users",
            ["status", column, "id"],
            postgresql_where=sa.text("status <> 'active'"),
        )


def _make_anew(status: str, *, unique: bool) -> None:
    """Create the table again. SQLite cannot change the expression of a generated column, or constraints."""
    given = _given() + ([] if unique else _given_anew())
    computed = {
        "username_sort": (sa.String(320), "coalesce(username_key, '')"),
        "status": (sa.String(16), status),
        "last_sign_in_sort": (sa.DateTime(timezone=True), "coalesce(last_sign_in_at, '0001-01-01 00:00:00.000000')"),
    }
    keys = ("email_key", "username_key") if unique else ()
    op.create_table(
        "users_anew",
        *given,
        *(sa.Column(name, kind, sa.Computed(text, persisted=True), nullable=False)
          for name, (kind, text) in computed.items()),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        *(sa.UniqueConstraint(key, name=f"uq_users_{key}") for key in keys),
    )  # fmt: skip
    kept = ", ".join(column.name for column in _given())
    op.execute(f"INSERT INTO users_anew ({kept}) SELECT {kept} FROM users")  # noqa: S608  our own names
    op.drop_table("users")
    op.rename_table("users_anew", "users")
    for columns in _SORTS:
        op.create_index("ix_users_" + "_".join([*columns, "id"]), "users", [*columns, "id"])


def _given() -> list[sa.Column]:
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("username", sa.String(64)),
        sa.Column("username_key", sa.String(320)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("locale", sa.String(8)),
        sa.Column("timezone", sa.String(64)),
        sa.Column("theme", sa.String(8), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("last_sign_in_at", moment),
        sa.Column("deactivated_at", moment),
        sa.Column("deactivated_by_name", sa.String(200)),
        sa.Column("sessions_since", moment),
        sa.Column("tokens_since", moment),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def _given_anew() -> list[sa.Column]:
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("deleted_at", moment),
        sa.Column("deleted_by_name", sa.String(200)),
        sa.Column("starts_at", moment),
        sa.Column("ends_at", moment),
    ]
