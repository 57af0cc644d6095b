"""create one-time tokens, factors, known devices, security events and the organisation"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0500"
down_revision = "20261129_0400"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CURRENT = sa.text("replaced_at IS NULL AND kind IN ('email_change', 'invitation', 'one_time_pass', 'reset')")
USER_COLUMNS = ("password_changed_at", "second_factor_at", "second_factor_due_at", "locked_at")


def upgrade() -> None:
    for name in USER_COLUMNS:
        op.add_column("users", sa.Column(name, INSTANT))
    op.add_column(
        "users", sa.Column("password_change_required", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("sessions", sa.Column("device_id", sa.Uuid()))
    for column in (
        sa.Column("sealed_body", sa.Text()),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("failed_at", INSTANT),
        sa.Column("error", sa.String(500)),
    ):
        op.add_column("mails", column)
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        _user_id("one_time_tokens"),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.Column("replaced_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.Column("created_by_id", sa.Uuid()),
        sa.Column("created_by_name", sa.String(254), nullable=False),
        sa.Column("mail_id", sa.Uuid()),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_one_time_tokens_token_hash"),
    )
    op.create_index("ix_one_time_tokens_user_id", "one_time_tokens", ["user_id"])
    op.create_index("ix_one_time_tokens_expires_at", "one_time_tokens", ["expires_at"])
    op.create_index(
        "uq_one_time_tokens_user_id_kind",
        "one_time_tokens",
        ["user_id", "kind"],
        unique=True,
        postgresql_where=CURRENT,
        sqlite_where=CURRENT,
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        _user_id("passkeys"),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("aaguid", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "totp_factors",
        _user_id("totp_factors"),
        sa.Column("sealed_seed", sa.String(255), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("last_used_at", INSTANT),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_totp_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        _user_id("recovery_codes"),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        sa.UniqueConstraint("code_hash", name="uq_recovery_codes_code_hash"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])
    op.create_table(
        "known_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        _user_id("known_devices"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(255), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_known_devices"),
        sa.UniqueConstraint("token_hash", name="uq_known_devices_token_hash"),
    )
    op.create_index("ix_known_devices_user_id", "known_devices", ["user_id"])
    op.create_table(
        "security_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        _user_id("security_events", nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_security_events"),
    )
    op.create_index("ix_security_events_user_id_id", "security_events", ["user_id", "id"])
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("support_contact", sa.String(254), nullable=False),
        sa.Column("signature", sa.JSON(), nullable=False),
        sa.Column("invitation_intro", sa.JSON(), nullable=False),
        sa.Column("logo", sa.LargeBinary()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_organisation_only_row"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )


def _user_id(table: str, *, nullable: bool = False) -> sa.Column:
    reference = sa.ForeignKey("users.id", name=f"fk_{table}_user_id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Uuid(), reference, nullable=nullable)


def downgrade() -> None:
    for table in (
        "organisation",
        "security_events",
        "known_devices",
        "recovery_codes",
        "totp_factors",
        "passkeys",
        "one_time_tokens",
    ):
        op.drop_table(table)
    for name in ("error", "failed_at", "job_id", "sealed_body"):
        op.drop_column("mails", name)
    op.drop_column("sessions", "device_id")
    for name in ("password_change_required", *reversed(USER_COLUMNS)):
        op.drop_column("users", name)
