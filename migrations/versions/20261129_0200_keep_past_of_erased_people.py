"""keep grants, memberships and changes of erased people under a pseudonym"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0200"
down_revision = "20261129_0100"
branch_labels = None
depends_on = None

# This name has the prefix of the naming convention twice.
OLD_CHECK = "ck_role_grants_ck_role_grants_one_holder"
OLD_CONDITION = "(user_id IS NULL) <> (group_id IS NULL)"
CHECK_OF_GRANTS = "ck_role_grants_one_holder"
CHECK_OF_MEMBERSHIPS = "ck_memberships_one_holder"
CONDITION_OF_GRANTS = (
    "(user_id IS NULL AND erased_user_id IS NULL) <> (group_id IS NULL) AND (user_id IS NULL OR erased_user_id IS NULL)"
)
CONDITION_OF_MEMBERSHIPS = "(user_id IS NULL) <> (erased_user_id IS NULL)"


def upgrade() -> None:
    op.create_table(
        "audit_redactions",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("details_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_audit_redactions"),
    )
    with op.batch_alter_table("memberships") as memberships:
        memberships.add_column(sa.Column("erased_user_id", sa.Uuid()))
        memberships.alter_column("user_id", nullable=True, existing_type=sa.Uuid())
    with op.batch_alter_table("role_grants") as grants:
        grants.add_column(sa.Column("erased_user_id", sa.Uuid()))
        grants.drop_constraint(op.f(OLD_CHECK), type_="check")
    _add_check("memberships", CHECK_OF_MEMBERSHIPS, CONDITION_OF_MEMBERSHIPS)
    _add_check("role_grants", CHECK_OF_GRANTS, CONDITION_OF_GRANTS)


def downgrade() -> None:
    for table in ("memberships", "role_grants"):
        erased = sa.table(table, sa.column("erased_user_id"))
        op.execute(sa.delete(erased).where(erased.c.erased_user_id.is_not(None)))
    with op.batch_alter_table("memberships") as memberships:
        memberships.drop_constraint(op.f(CHECK_OF_MEMBERSHIPS), type_="check")
        memberships.alter_column("user_id", nullable=False, existing_type=sa.Uuid())
        memberships.drop_column("erased_user_id")
    with op.batch_alter_table("role_grants") as grants:
        grants.drop_constraint(op.f(CHECK_OF_GRANTS), type_="check")
        grants.drop_column("erased_user_id")
    _add_check("role_grants", OLD_CHECK, OLD_CONDITION)
    op.drop_table("audit_redactions")


def _add_check(table: str, name: str, condition: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.create_check_constraint(op.f(name), sa.text(condition))
