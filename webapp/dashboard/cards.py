"""Contents of the dashboard's cards, as the templates of the dashboard print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from webapp.access.models import role_label
from webapp.dashboard.charts import GrowthChart, ShareBar, growth_chart, share_bar
from webapp.dashboard.dormant import DORMANT_DAYS
from webapp.dashboard.growth import Week
from webapp.dashboard.totals import RoleShare
from webapp.jobs.models import Job
from webapp.lists.count import Count


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
    rank: int
    label: str
    people: int
    share: float
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


def role_rows(shares: Iterable[RoleShare], *, right_to_left: bool) -> list[RoleRow]:
    return [
        RoleRow(
            rank=share.rank,
            label=role_label(share.role),
            people=share.people,
            share=share.share,
            bar=share_bar(share.share, right_to_left=right_to_left),
        )
        for share in shares
    ]
