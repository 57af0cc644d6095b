"""Parameters of an access review: one day, or two days to compare."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import Field

from webapp.core.clock import now
from webapp.core.formats import viewer_timezone
from webapp.core.moments import day_after, start_of_day
from webapp.core.schemas import IsoDay
from webapp.lists.schemas import PageQuery


class ReviewQuery(PageQuery):
    on: IsoDay | None = Field(None, description="The day; today when there is none.")
    since: IsoDay | None = Field(None, description="An earlier day to compare it with.")
    role: UUID | None = Field(None, description="Only this role, by its ID.")

    @property
    def day(self) -> date:
        """Return the day for the form."""
        return self.on or now().astimezone(viewer_timezone()).date()

    @property
    def moment(self) -> datetime:
        return _end_of(self.on)

    @property
    def earlier_moment(self) -> datetime | None:
        return _end_of(self.since) if self.since else None


def _end_of(day: date | None) -> datetime:
    """Return the end of the day in the viewer's time zone, or now if that is earlier."""
    moment = now()
    if day is None or day >= moment.astimezone(viewer_timezone()).date():
        return moment
    return start_of_day(day_after(day), viewer_timezone()) - timedelta(microseconds=1)
