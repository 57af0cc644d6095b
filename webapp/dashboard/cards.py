"""Contents of the dashboard's cards, as the templates of the dashboard print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import url_for

from webapp.access.models import role_label
from webapp.audit.labels import action_label, subject_text, system_actor_text
from webapp.audit.models import AuditRecord
from webapp.core.formats import to_viewer_timezone
from webapp.core.permissions import ActorKind
from webapp.core.texts import _, ngettext
from webapp.dashboard.charts import DayBar, GrowthChart, day_bars, growth_chart
from webapp.dashboard.dormant import DORMANT_DAYS
from webapp.dashboard.growth import Week
from webapp.dashboard.sign_ins import Day
from webapp.dashboard.totals import RoleShare, Totals
from webapp.feeds.labels import attention_label
from webapp.feeds.models import Feed
from webapp.jobs.models import Job
from webapp.lists.count import Count
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import ScheduledExport
from webapp.users.models import Status
from webapp.web.charts import ShareBar, share_bar


@dataclass(frozen=True)
class GrowthRow:
    """The counts of a period, and its days."""

    first_day: date
    last_day: date
    new: int
    reactivated: int
    deactivated: int
    average: float = 0

    @property
    def new_url(self) -> str:
        """The list of the new people, with those that were deleted since."""
        return url_for("directory.index", status=",".join(Status), created=f"{self.first_day}..{self.last_day}")

    def changes_url(self, action: str) -> str:
        """The records of the audit trail with this action."""
        return url_for("history.index", action=action, since=self.first_day, until=self.last_day)


@dataclass(frozen=True)
class GrowthCard:
    """`weeks` are newest first, as the table shows them. `sums` are of all weeks.

    `archived_before`: earlier reactivations and deactivations are not counted. None if all are.
    """

    sums: GrowthRow
    chart: GrowthChart
    weeks: list[GrowthRow]
    archived_before: datetime | None


@dataclass(frozen=True)
class RoleRow:
    """`share` is None if it is not known how many people are active."""

    rank: int
    name: str
    label: str
    people: int
    share: float | None
    bar: ShareBar


@dataclass(frozen=True)
class DormantCard:
    """`report` is the newest one that the viewer requested. Only they can download it."""

    count: Count
    report: Job | None
    days: int = DORMANT_DAYS

    @property
    def url(self) -> str:
        """The list of these people. Those who never signed in count if they were created before the period."""
        long_ago = f"<{self.days}d"
        return url_for("directory.index", status=Status.ACTIVE, last_sign_in=f"never,{long_ago}", created=long_ago)


@dataclass(frozen=True)
class Attention:
    """`rows`: (address, name, what is wrong)."""

    title: str
    rows: list[tuple[str, str, str]]


def feed_attention(feeds: list[Feed]) -> Attention:
    rows = [(url_for("feeds.show", row_id=feed.id), feed.name, attention_label(feed)) for feed in feeds]
    title = ngettext("%(num)s feed needs your attention", "%(num)s feeds need your attention", len(feeds))
    return Attention(title, rows)


def export_attention(exports: list[ScheduledExport]) -> Attention:
    rows = [
        (
            url_for("scheduled_exports.show", row_id=export.id),
            export.name,
            str(EXPORTS.state_label(export) if export.pause_reason else EXPORTS.outcome_label(export.last_outcome)),
        )
        for export in exports
    ]
    title = ngettext(
        "%(num)s scheduled export needs your attention", "%(num)s scheduled exports need your attention", len(exports)
    )
    return Attention(title, rows)


def growth_card(weeks: list[Week], *, archived_before: datetime | None, right_to_left: bool) -> GrowthCard:
    """Return the card for `weeks`, oldest first. `archived_before`: older audit records are archived."""
    rows = [GrowthRow(week.week, week.week + timedelta(days=6), *week[1:]) for week in weeks]
    sums = GrowthRow(
        rows[0].first_day,
        rows[-1].last_day,
        new=sum(row.new for row in rows),
        reactivated=sum(row.reactivated for row in rows),
        deactivated=sum(row.deactivated for row in rows),
    )
    is_cut = archived_before is not None and to_viewer_timezone(archived_before).date() > sums.first_day
    chart = growth_chart(weeks, right_to_left=right_to_left)
    return GrowthCard(sums, chart, rows[::-1], archived_before if is_cut else None)


def role_rows(shares: Iterable[RoleShare], totals: Totals, *, right_to_left: bool) -> list[RoleRow]:
    """Return the rows with the share of each role in the active people."""
    active = totals.active if totals.exact else 0
    return [
        RoleRow(
            rank=row.rank,
            name=row.role,
            label=role_label(row.role),
            people=row.people,
            share=row.people / active if active else None,
            bar=share_bar(row.people / active if active else 0, right_to_left=right_to_left),
        )
        for row in shares
    ]


@dataclass(frozen=True)
class SignInCard:
    """`days` are newest first, as the table shows them."""

    first_day: date
    total: int
    bars: list[DayBar]
    days: list[Day]


def sign_in_card(days: list[Day], *, right_to_left: bool) -> SignInCard:
    """Return the card for `days`, oldest first."""
    return SignInCard(
        first_day=days[0].day,
        total=sum(day.sign_ins for day in days),
        bars=day_bars(days, right_to_left=right_to_left),
        days=days[::-1],
    )


@dataclass(frozen=True)
class ChangeRow:
    title: str
    subject: str
    subject_id: UUID
    actor: str
    at: datetime


def change_rows(records: Iterable[AuditRecord]) -> list[ChangeRow]:
    return [
        ChangeRow(
            title=str(action_label(record.action)),
            subject=subject_text(record.subject_kind, record.subject_label),
            subject_id=record.subject_id,
            actor=_actor(record),
            at=record.at,
        )
        for record in records
    ]


def _actor(record: AuditRecord) -> str:
    if record.actor_kind == ActorKind.SYSTEM:
        return system_actor_text(record.actor_label)
    return record.actor_label or str(_("Rollcall"))
