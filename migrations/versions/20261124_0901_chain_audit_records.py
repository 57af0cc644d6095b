"""chain audit records, and store what can be erased in a table of its own"""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261124_0901"
down_revision = "20261124_0904"
branch_labels = None
depends_on = None

BATCH = 5000
SHARDS = 16
text_of = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

BEFORE = sa.table(
    "audit_records_before",
    *(
        sa.column(name, kind)
        for name, kind in {
            "id": sa.Uuid(),
            "at": sa.DateTime(timezone=True),
            "action": sa.String(),
            "actor_kind": sa.String(),
            "actor_id": sa.Uuid(),
            "actor_label": sa.String(),
            "address": sa.String(),
            "request_id": sa.String(),
            "subject_kind": sa.String(),
            "subject_id": sa.Uuid(),
            "changes": sa.JSON().with_variant(JSONB(), "postgresql"),
        }.items()
    ),
)
COLUMNS = tuple(column.name for column in BEFORE.c)
TABLES = {
    "audit_records": COLUMNS,
    "audit_records_after": COLUMNS,
    "audit_details": ("record_id", "actor_label", "address", "changes"),
}
USERS = sa.table("users", sa.column("id", sa.Uuid()), sa.column("name", sa.String()))


def upgrade() -> None:
    _set_aside()
    records, details, heads = _create_tables()
    # Creating indexes after the rows is faster than updating them for each row.
    _carry_over(records, details, heads)
    _create_indexes()
    op.drop_table("audit_records_before")


def downgrade() -> None:
    """Details that were erased become empty texts."""
    for name in ("subject_id_id", "actor_id_id", "action_id", "batch_id_id"):
        op.drop_index(f"ix_audit_records_{name}", "audit_records")
    op.drop_index("uq_audit_records_undoes_id", "audit_records")
    if _postgresql():
        op.drop_index("ix_audit_records_fields_pg", "audit_records")
        op.execute("ALTER TABLE audit_records RENAME CONSTRAINT pk_audit_records TO pk_audit_records_after")
    op.rename_table("audit_records", "audit_records_after")
    _create_before("audit_records", primary_key="pk_audit_records")
    op.create_index("ix_audit_records_subject_id_id", "audit_records", ["subject_id", "id"])
    if _postgresql():
        states = sa.text("action = 'user.reactivated' OR action = 'user.deactivated'")
        op.create_index("ix_audit_records_states_pg", "audit_records", ["action", "at"], postgresql_where=states)
    now, after, details = (sa.table(name, *map(sa.column, columns)) for name, columns in TABLES.items())
    kept = {name: details.c[name] for name in ("actor_label", "address", "changes")}
    columns = [
        sa.func.coalesce(kept[name], "{}" if name == "changes" else "") if name in kept else after.c[name]
        for name in now.c.keys()  # noqa: SIM118  no dict
    ]
    if _postgresql():
        columns[-1] = sa.cast(columns[-1], JSONB)
    joined = after.outerjoin(details, details.c.record_id == after.c.id)
    op.execute(now.insert().from_select(list(now.c), sa.select(*columns).select_from(joined)))
    for table in ("audit_records_after", "audit_details", "audit_heads"):
        op.drop_table(table)


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _set_aside() -> None:
    op.drop_index("ix_audit_records_subject_id_id", "audit_records")
    if _postgresql():
        # The index of actions, which is created below, replaces it.
        op.drop_index("ix_audit_records_states_pg", "audit_records")
        op.execute("ALTER TABLE audit_records RENAME CONSTRAINT pk_audit_records TO pk_audit_records_before")
    op.rename_table("audit_records", "audit_records_before")


def _create_before(name: str, *, primary_key: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("actor_label", sa.String(254), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("changes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=primary_key),
    )


def _create_tables() -> tuple[sa.Table, sa.Table, sa.Table]:
    records = op.create_table(
        "audit_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("token_id", sa.Uuid()),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(sa.ARRAY(sa.Text()), "postgresql"), nullable=False),
        sa.Column("undoes_id", sa.Uuid()),
        sa.Column("batch_id", sa.Uuid()),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("details_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_records"),
        sa.UniqueConstraint("shard", "seq", name="uq_audit_records_shard_seq"),
    )
    details = op.create_table(
        "audit_details",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("actor_label", sa.String(254), nullable=False),
        sa.Column("subject_label", sa.String(254), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_audit_details"),
    )
    heads = op.create_table(
        "audit_heads",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("shard", name="pk_audit_heads"),
    )
    return records, details, heads


def _create_indexes() -> None:
    for columns in (["subject_id", "id"], ["actor_id", "id"], ["action", "id"]):
        op.create_index("ix_audit_records_" + "_".join(columns), "audit_records", columns)
    only_some = {f"{engine}_where": sa.text("undoes_id IS NOT NULL") for engine in ("postgresql", "sqlite")}
    op.create_index("uq_audit_records_undoes_id", "audit_records", ["undoes_id"], unique=True, **only_some)
    only_some = {f"{engine}_where": sa.text("batch_id IS NOT NULL") for engine in ("postgresql", "sqlite")}
    op.create_index("ix_audit_records_batch_id_id", "audit_records", ["batch_id", "id"], **only_some)
    if _postgresql():
        op.create_index("ix_audit_records_fields_pg", "audit_records", ["fields"], postgresql_using="gin")


def _carry_over(records: sa.Table, details: sa.Table, heads: sa.Table) -> None:
    """Copy the old records into the chains, each batch into the next shard."""
    chains = dict.fromkeys(range(SHARDS), (0, "0" * 64))
    for number, batch in enumerate(_batches()):
        shard = number % SHARDS
        seq, last = chains[shard]
        rows = []
        kept = []
        for old in batch:
            seq += 1
            detail = _detail(old)
            row = _row(old) | {"shard": shard, "seq": seq, "details_hash": _hash_of_details(detail)}
            row["hash"] = last = _hash_of_row(last, row)
            rows.append(row)
            kept.append(detail)
        op.get_bind().execute(records.insert(), rows)
        op.get_bind().execute(details.insert(), kept)
        chains[shard] = seq, last
    used = [{"shard": shard, "seq": seq, "hash": last} for shard, (seq, last) in chains.items() if seq]
    if used:
        op.get_bind().execute(heads.insert(), used)


def _batches() -> Iterator[list[Any]]:
    """Yield batches of the old records, oldest first, each record with the name of its subject."""
    query = (
        sa.select(BEFORE, USERS.c.name)
        .select_from(BEFORE.outerjoin(USERS, USERS.c.id == BEFORE.c.subject_id))
        .order_by(BEFORE.c.id)
        .limit(BATCH)
    )
    batch = op.get_bind().execute(query).all()
    while batch:
        yield list(batch)
        batch = op.get_bind().execute(query.where(BEFORE.c.id > batch[-1].id)).all()


def _row(old: Any) -> dict[str, Any]:
    same = ("id", "action", "actor_kind", "actor_id", "subject_kind", "subject_id", "request_id")
    at = old.at if old.at.tzinfo else old.at.replace(tzinfo=UTC)
    return {name: getattr(old, name) for name in same} | {
        "at": at.astimezone(UTC),
        "token_id": None,
        "fields": list(old.changes),
        "undoes_id": None,
        "batch_id": None,
    }


def _detail(old: Any) -> dict[str, Any]:
    return {
        "record_id": old.id,
        "actor_label": old.actor_label,
        "subject_label": old.name or "",
        "address": old.address,
        "changes": text_of(old.changes),
        "reason": "",
        "salt": secrets.token_hex(16),
    }


def _hash_of_details(detail: dict[str, Any]) -> str:
    names = ("actor_label", "subject_label", "address", "changes", "reason", "salt")
    return sha256(text_of([detail[name] for name in names]).encode()).hexdigest()


def _hash_of_row(previous: str, row: dict[str, Any]) -> str:
    names = ("id", "at", "action", "actor_kind", "actor_id", "token_id", "subject_kind", "subject_id", "request_id")
    names += ("fields", "undoes_id", "batch_id", "shard", "seq", "details_hash")
    return sha256((previous + text_of([_text(row[name]) for name in names])).encode()).hexdigest()


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.hex if hasattr(value, "hex") else value
