"""Tables of the dashboard: counts that take too long for a page, and the parts of reports in progress."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db.session import Model
from webapp.db.types import Instant

FIGURE_MAX = 64


class Figure(Model):
    """A number and the time of its count. Names are like `people.status.active` and `people.role.<role id>`."""

    __tablename__ = "figures"

    name: Mapped[str] = mapped_column(String(FIGURE_MAX), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)


class ReportPart(Model):
    """The lines of one chunk of a report. The last chunk joins them to one file.

    If each chunk appended to the file, it would write the whole file again.
    """

    __tablename__ = "report_parts"

    report_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
