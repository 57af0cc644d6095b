"""The table of the dashboard: counts that take too long for a page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Uuid
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


# Only servers of the version before use this table. It stays until all of them are upgraded.
OLD_PARTS = Table(
    "report_parts",
    Model.metadata,
    Column("report_id", Uuid(), primary_key=True),
    Column("number", Integer(), primary_key=True, autoincrement=False),
    Column("content", LargeBinary(), nullable=False),
)
