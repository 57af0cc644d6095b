"""Numbers that take too long to count for a page, and what a report has gathered so far."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db.session import Model
from webapp.db.types import Instant

FIGURE_MAX = 64


class Figure(Model):
    """One number and when it was counted: `people.status.active`, `people.role.owner`."""

    __tablename__ = "figures"

    name: Mapped[str] = mapped_column(String(FIGURE_MAX), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)


class ReportPart(Model):
    """The lines that one chunk of a report made; the last chunk makes them one file.

    Appended to that file at once, each chunk would write all that is there again.
    """

    __tablename__ = "report_parts"

    report_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
