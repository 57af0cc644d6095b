"""Contents of the dashboard's cards, as the templates of the dashboard print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from webapp.access.models import role_label
from webapp.audit.labels import action_label, subject_text
from webapp.audit.models import AuditRecord
from webapp.core.texts import _
from webapp.dashboard.charts import DayBar, GrowthChart, day_bars, growth_chart
from webapp.dashboard.dormant import DORMANT_DAYS
from webapp.dashboard.growth import Week
from webapp.dashboard.sign_ins import Day
from webapp.dashboard.totals import RoleShare, Totals
from webapp.jobs.models import Job
from webapp.lists.count import Count
from webapp.web.charts import ShareBar, share_bar


@dataclass(frozen=True)
class GrowthCard:
    """`weeks` are newest first, as the table shows them. The numbers are sums of all weeks."""

    first_week: date
    new: int
    reactivated: int
    deactivated: int
    chart: GrowthChart
    weeks: list[Week]


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


def growth_card(weeks: list[Week], *, right_to_left: bool) -> GrowthCard:
    """Return the card for `weeks`, oldest first."""
    return GrowthCard(
        first_week=weeks[0].week,
        new=sum(week.new for week in weeks),
        reactivated=sum(week.reactivated for week in weeks),
        deactivated=sum(week.deactivated for week in weeks),
        chart=growth_chart(weeks, right_to_left=right_to_left),
        weeks=weeks[::-1],
    )


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
            actor=record.actor_label or str(_("Rollcall")),
            at=record.at,
        )
        for record in records
    ]
