"""A saved view: a name for an address of the list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant, key_string
from webapp.users.models import User

NAME_MAX = 80
KEY_MAX = 320
ADDRESS_MAX = 2000
# The number of views that one user can have.
VIEWS_MAX = 100
_SHARED = text("shared")


class SavedView(Model):
    """A shared view is visible to everyone who can see people. It shows each of them only the people they can see.

    `address` is a canonical address (`canonical_address`).
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("owner_id", "name_key"),
        Index(None, "name_sort", "id", postgresql_where=_SHARED, sqlite_where=_SHARED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    name_key: Mapped[str] = mapped_column(key_string(KEY_MAX))
    name_sort: Mapped[str] = mapped_column(key_string(KEY_MAX))
    address: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now, onupdate=now)
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[User] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}
