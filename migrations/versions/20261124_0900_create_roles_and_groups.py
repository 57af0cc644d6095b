"""create roles, groups, memberships and grants; users.role becomes a grant"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
import uuid6
from alembic import op

revision = "20261124_0900"
down_revision = "20261124_0803"
branch_labels = None
depends_on = None

BUILT_IN = ("Owner", "Administrator", "Helpdesk", "Auditor", "Group owner")
OWNER = UUID(f"00000000-0000-7000-8000-{1:012}")


def _key(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    roles = op.create_table(
        "roles",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", _key(160)),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("deleted_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("name_key", name="uq_roles_name_key"),
    )
    moment = datetime.now(UTC)
    op.bulk_insert(
        roles,
        [
            {
                "id": UUID(f"00000000-0000-7000-8000-{number:012}"),
                "name": name,
                "name_key": name.lower(),
                "description": "",
                "permissions": [],
                "created_at": moment,
                "version": 1,
            }
            for number, name in enumerate(BUILT_IN, start=1)
        ],
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", _key(160)),
        sa.Column("name_sort", _key(160), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), sa.ForeignKey("groups.id", name="fk_groups_parent_id")),
        _moment("created_at", nullable=False),
        _moment("deleted_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("name_key", name="uq_groups_name_key"),
    )
    _index("groups", ("name_sort", "id"), ("parent_id",))
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _reference("memberships", "group_id", "groups", nullable=False),
        _reference("memberships", "user_id", "users", nullable=False),
        sa.Column("live_key", sa.String(80)),
        _moment("starts_at", nullable=False),
        _moment("ends_at"),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.UniqueConstraint("live_key", name="uq_memberships_live_key"),
    )
    _index("memberships", ("user_id", "group_id"), ("group_id", "id"), ("ends_at",))
    grants = op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("role_id", sa.Uuid(), sa.ForeignKey("roles.id", name="fk_role_grants_role_id"), nullable=False),
        _reference("role_grants", "user_id", "users"),
        _reference("role_grants", "group_id", "groups"),
        _reference("role_grants", "scope_id", "groups"),
        sa.Column("live_key", sa.String(160)),
        _moment("starts_at", nullable=False),
        _moment("ends_at"),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (group_id IS NULL)", name="ck_role_grants_one_holder"),
        sa.UniqueConstraint("live_key", name="uq_role_grants_live_key"),
    )
    _index("role_grants", ("role_id", "id"), ("user_id",), ("group_id",), ("scope_id",), ("ends_at",))
    _carry_over(grants, moment)


def _carry_over(grants: sa.Table, moment: datetime) -> None:
    users = sa.table("users", sa.column("id", sa.Uuid()), sa.column("role"), sa.column("created_at", sa.DateTime(True)))
    owners = op.get_bind().execute(sa.select(users.c.id, users.c.created_at).where(users.c.role == "owner")).all()
    rows = [
        {
            "id": UUID(int=uuid6.uuid7().int),
            "role_id": OWNER,
            "user_id": owner.id,
            "live_key": f"grant:{OWNER.hex}:{owner.id.hex}:",
            "starts_at": owner.created_at.replace(tzinfo=owner.created_at.tzinfo or UTC),
            "created_by": "Rollcall",
        }
        for owner in owners
    ]
    if rows:
        op.bulk_insert(grants, rows)
    op.execute("ALTER TABLE users DROP COLUMN role")


def _reference(table: str, column: str, other: str, *, nullable: bool = True) -> sa.Column:
    key = sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
    return sa.Column(column, sa.Uuid(), key, nullable=nullable)


def _index(table: str, *all_columns: tuple[str, ...]) -> None:
    for columns in all_columns:
        op.create_index(f"ix_{table}_" + "_".join(columns), table, list(columns))


def downgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN role VARCHAR(16) NOT NULL DEFAULT 'member'")
    users = sa.table("users", sa.column("id", sa.Uuid()), sa.column("role"))
    grants = sa.table("role_grants", sa.column("user_id", sa.Uuid()), sa.column("role_id", sa.Uuid()))
    owners = sa.select(grants.c.user_id).where(grants.c.role_id == OWNER)
    op.execute(sa.update(users).where(users.c.id.in_(owners)).values(role="owner"))
    for table in ("role_grants", "memberships", "groups", "roles"):
        op.drop_table(table)
