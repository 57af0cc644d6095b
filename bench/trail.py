"""Fills a long audit trail with changes by staff. Several processes chain the records and write them with COPY."""

from __future__ import annotations

import io
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg2
from sqlalchemy import func, select

from bench.instances import Instance
from webapp.audit.chain import DETAILS_COLUMNS, FIELDS_INDEX, RECORD_COLUMNS, Chain, Row
from webapp.audit.models import AuditHead, AuditRecord
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.types import compact_json
from webapp.demo.crowd import PERIOD
from webapp.demo.fill_postgresql import PROCESSES
from webapp.demo.trails import HEAD_COLUMNS
from webapp.users.models import User

# The records of one shard, and the records in one COPY.
SHARD_SIZE, BATCH_SIZE = 100_000, 10_000
STAFF = 200
# 100 kinds of records: action and changed fields. Each record has a random one.
KINDS = (
    *[("user.updated", ("name",))] * 22,
    *[("user.updated", ("email", "name"))] * 8,
    *[("user.updated", ("attributes.department",))] * 9,
    ("user.updated", ("theme",)),
    *[("session.started", ())] * 30,
    *[("session.ended", ())] * 10,
    *[("role.granted", ("role", "grant_id"))] * 6,
    *[("member.added", ("group", "group_id", "membership_id"))] * 10,
    *[("user.deactivated", ("status",))] * 3,
    ("user.reactivated", ("status",)),
)
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1)

Person = tuple[str, str]


@dataclass(frozen=True)
class Part:
    """The records of one shard in one part of PERIOD. Part `number` of `parts`; PERIOD ends at `until`."""

    url: str
    number: int
    parts: int
    shard: int
    size: int
    until: datetime
    people: Sequence[Person]


def lengthen(instance: Instance, records: int) -> None:
    """Add records until the trail has this number. Tables are UNLOGGED, because the database is dropped soon."""
    with instance.app.app_context():
        missing = records - (db.session.scalar(select(func.count()).select_from(AuditRecord)) or 0)
        first_shard = (db.session.scalar(select(func.max(AuditHead.shard))) or 0) + 1
        people = [(user_id.hex, name) for user_id, name in db.session.execute(select(User.id, User.name))]
    url, until = instance.environment["DATABASE_URL"], now().replace(tzinfo=None)
    sizes = [min(SHARD_SIZE, missing - start) for start in range(0, missing, SHARD_SIZE)]
    parts = [
        Part(url, number, len(sizes), first_shard + number, size, until, people) for number, size in enumerate(sizes)
    ]
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('audit_records', 'audit_details')"
        )
        indexes = cursor.fetchall()
        cursor.execute("SELECT conname, conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint"
                       " WHERE conrelid::regclass::text IN ('audit_records', 'audit_details')")  # fmt: skip
        constraints = cursor.fetchall()
        for table in ("audit_records", "audit_details"):
            cursor.execute(f"ALTER TABLE {table} SET UNLOGGED")
        for name, table, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        constraint_names = {name for name, _table, _definition in constraints}
        dropped = [(name, definition) for name, definition in indexes if name not in constraint_names]
        for name, _definition in dropped:
            cursor.execute(f"DROP INDEX {name}")
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_fill, parts))
    connection = psycopg2.connect(url, options="-c maintenance_work_mem=1GB")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name, table, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _name, definition in dropped:
            cursor.execute(definition)
        cursor.execute("VACUUM (ANALYZE) audit_records, audit_details")
    connection.close()


def _fill(part: Part) -> None:
    chain, rows = Chain(part.shard), _rows(part)
    with psycopg2.connect(part.url) as connection, connection.cursor() as cursor:
        for start in range(0, part.size, BATCH_SIZE):
            chained = [chain.append(*next(rows)) for _row in range(min(BATCH_SIZE, part.size - start))]
            _copy(cursor, "audit_records", RECORD_COLUMNS, [_with_array(record) for record, _details in chained])
            _copy(cursor, "audit_details", DETAILS_COLUMNS, [details for _record, details in chained])
        _copy(cursor, "audit_heads", HEAD_COLUMNS, [(chain.shard, chain.seq, chain.hash)])
    connection.close()


def _rows(part: Part) -> Iterator[tuple[Row, tuple[str, ...]]]:
    """Yield changes by time: the values of HASHED_COLUMNS and HASHED_DETAILS. A few actors make most of the changes."""
    chance = random.Random(part.number)
    step = PERIOD / part.parts / part.size
    began = part.until - PERIOD + PERIOD / part.parts * part.number
    while True:
        began += step
        action, fields = KINDS[chance.randrange(len(KINDS))]
        actor_id, actor = part.people[int(STAFF * chance.random() ** 3)]
        subject_id, subject = part.people[chance.randrange(len(part.people))]
        milliseconds = (began - _EPOCH) // _MILLISECOND
        hashed = (
            f"{milliseconds:012x}7{chance.getrandbits(12):03x}{chance.getrandbits(62) | 1 << 63:016x}",
            began.isoformat(" ", "microseconds"),
            action,
            "user",
            actor_id,
            None,
            "user",
            subject_id,
            f"{chance.getrandbits(64):016x}",
            list(fields),
            None,
            None,
        )
        changes = compact_json({name: [f"{name} before", f"{name} {chance.getrandbits(32)}"] for name in fields})
        address = f"192.0.2.{chance.getrandbits(7)}"
        yield hashed, (actor, subject, address, changes, "", f"{chance.getrandbits(128):032x}")


def _with_array(record: Row) -> Row:
    return (*record[:FIELDS_INDEX], f"{{{','.join(record[FIELDS_INDEX])}}}", *record[FIELDS_INDEX + 1 :])


def _copy(cursor: psycopg2.extensions.cursor, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    # No value contains a tab, a line end or a backslash.
    lines = ("\t".join([r"\N" if value is None else str(value) for value in row]) for row in rows)
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
