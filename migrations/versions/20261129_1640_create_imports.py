"""create imports with their files, rows and mappings"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1640"
down_revision = "20261129_1500"
branch_labels = None
depends_on = None

HAS_USER = sa.text("user_id IS NOT NULL")
HAS_MANAGER = sa.text("manager IS NOT NULL")


def time(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid()),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("info", sa.JSON()),
        sa.Column("mapping", sa.JSON()),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("key_field", sa.String(64), nullable=False),
        sa.Column("invite", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("planned_upto", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("managers_upto", sa.Integer(), nullable=False),
        sa.Column("missing_upto", sa.Uuid()),
        sa.Column("in_scope", sa.Integer(), nullable=False),
        sa.Column("plan_hash", sa.String(64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("invitations_job_id", sa.Uuid()),
        time("stop_asked_at"),
        sa.Column("undo_id", sa.Uuid()),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("token_id", sa.Uuid()),
        sa.Column("scopes", sa.JSON()),
        time("created_at", nullable=False),
        time("applied_at"),
        time("undone_at"),
        time("file_deleted_at"),
        time("emptied_at"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_asked_by_id_id", "imports", ["asked_by_id", "id"])
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("label", sa.String(254), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("values", sa.JSON()),
        sa.Column("secret", sa.Text()),
        sa.Column("manager", sa.String(254)),
        sa.Column("changes", sa.JSON()),
        sa.Column("record_ids", sa.JSON()),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_rows"),
    )
    op.create_index("ix_import_rows_import_id_outcome_number", "import_rows", ["import_id", "outcome", "number"])
    op.create_index(
        "ix_import_rows_user_id", "import_rows", ["user_id"], postgresql_where=HAS_USER, sqlite_where=HAS_USER
    )
    op.create_index(
        "ix_import_rows_manager",
        "import_rows",
        ["import_id", "number"],
        postgresql_where=HAS_MANAGER,
        sqlite_where=HAS_MANAGER,
    )
    op.create_table(
        "import_keys",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "hash", name="pk_import_keys"),
    )
    op.create_table(
        "import_file_parts",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_file_parts"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name="fk_import_file_parts_import_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "import_mappings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(160).with_variant(sa.String(160, collation="C"), "postgresql"), nullable=False),
        sa.Column("headings_key", sa.String(64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        time("saved_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_mappings"),
        sa.UniqueConstraint("name_key", name="uq_import_mappings_name_key"),
    )
    op.create_index("ix_import_mappings_headings_key", "import_mappings", ["headings_key"])


def downgrade() -> None:
    for table in ("import_mappings", "import_file_parts", "import_keys", "import_rows", "imports"):
        op.drop_table(table)
