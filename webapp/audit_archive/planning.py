"""Decides which records an archive takes: from each shard the records after the last archive that nothing holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text

from webapp.audit.archives import read_anchor
from webapp.audit.chain import GENESIS_HASH
from webapp.audit.chain_rows import head_rows
from webapp.audit.findings import Head
from webapp.audit.holds import Hold, Holds
from webapp.audit.models import AuditRecord
from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.errors import Refused
from webapp.core.texts import _

AGE_MIN_DAYS = 30
_NO_HEAD = Head(0, GENESIS_HASH)


@dataclass(frozen=True)
class Plan:
    """The records of each shard after `starts`, up to `ends`. `held_by`: why younger ones than `before` stay, or ""."""

    number: int
    before: datetime
    starts: dict[int, Head]
    ends: dict[int, Head]
    held_by: str

    @property
    def records(self) -> int:
        return sum(end.seq - self.starts[shard].seq for shard, end in self.ends.items())


def plan_archive(connection: Connection, before: datetime) -> Plan:
    """Plan an archive of the records before this time, as far as nothing holds them.

    Raise Refused if the time is too late, or if there are no records.
    """
    check_age(before)
    _check_rights(connection)
    anchor = read_anchor(connection)
    starts = dict.fromkeys(head_rows(connection), _NO_HEAD) | (anchor.heads if anchor else {})
    holds = [hold for find in current_registry().get(Holds) for hold in find()]
    end, reason = _earliest(connection, before, starts, holds)
    limits = _limits(holds)
    ends = {shard: _end_of(connection, shard, start, end, limits.get(shard)) for shard, start in sorted(starts.items())}
    plan = Plan(anchor.number + 1 if anchor else 1, end, starts, ends, reason)
    if not plan.records:
        raise Refused(_nothing(before, reason), code="nothing")
    return plan


def check_age(before: datetime) -> None:
    """Raise Refused if records of this age are still needed."""
    if before > now() - timedelta(days=AGE_MIN_DAYS):
        message = _("Choose a day at least %(days)s days ago: younger records stay", days=AGE_MIN_DAYS)
        raise Refused(message, field="before", code="too_late")


def _nothing(before: datetime, reason: str) -> str:
    return f"There are no records before {before:%Y-%m-%d} to archive.{' ' if reason else ''}{reason}"


def _check_rights(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    if not connection.scalar(text("SELECT has_table_privilege('audit_records', 'DELETE')")):
        raise Refused(
            "This role of the database cannot remove audit records. Use the role that owns the tables:"
            " see docs/deployment.md."
        )


def _earliest(
    connection: Connection, before: datetime, starts: Mapping[int, Head], holds: Iterable[Hold]
) -> tuple[datetime, str]:
    """Return the time from which on records stay, and why, if that is before `before`."""
    found = (before, "")
    for hold in holds:
        times: list[datetime | None] = [hold.since]
        for shard, seq in enumerate(hold.positions or ()):
            times.append(_time_after(connection, shard, max(seq, starts.get(shard, _NO_HEAD).seq)))
        since = min((time for time in times if time), default=None)
        if since and since < found[0]:
            found = (since, hold.reason)
    return found


def _time_after(connection: Connection, shard: int, seq: int) -> datetime | None:
    """Return the time of the first record after `seq`, or None if there is none."""
    after = (AuditRecord.shard == shard, AuditRecord.seq > seq)
    return connection.scalar(select(AuditRecord.at).where(*after).order_by(AuditRecord.seq).limit(1))


def _limits(holds: Iterable[Hold]) -> dict[int, int]:
    """Return the lowest position of each shard."""
    limits: dict[int, int] = {}
    for hold in holds:
        for shard, seq in enumerate(hold.positions or ()):
            limits[shard] = min(seq, limits.get(shard, seq))
    return limits


def _end_of(connection: Connection, shard: int, start: Head, end: datetime, limit: int | None) -> Head:
    """Return the last record of the shard that the archive takes, or `start` if it takes none.

    A record that was committed late comes after younger ones. It stays until they are archived, too. A record of the
    future, which a wrong clock left, goes with the older ones that come after it.
    """
    after = (AuditRecord.shard == shard, AuditRecord.seq > start.seq)
    stays = AuditRecord.at.between(end, now())
    first_staying = connection.scalar(select(AuditRecord.seq).where(*after, stays).order_by(AuditRecord.seq).limit(1))
    up_to = [AuditRecord.at < end]
    if first_staying is not None:
        up_to.append(AuditRecord.seq < first_staying)
    if limit is not None:
        up_to.append(AuditRecord.seq <= limit)
    last = select(AuditRecord.seq, AuditRecord.hash).where(*after, *up_to).order_by(AuditRecord.seq.desc()).limit(1)
    row = connection.execute(last).first()
    return Head(row.seq, row.hash) if row else start
