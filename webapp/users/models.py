"""The user, and the limits of its fields."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Bundle, Mapped, mapped_column

from webapp.attributes.models import Values
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.passwords import HASH_MAX
from webapp.core.statuses import Status
from webapp.core.texts import LOCALE_MAX, TIMEZONE_MAX
from webapp.db.session import Model
from webapp.db.types import Instant, key_string

EMAIL_MAX = 254
USERNAME_MIN = 2
USERNAME_MAX = 64
NAME_MAX = 200
KEY_MAX = 320
THEMES = ("system", "light", "dark")


_STATUS = (
    "CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN deactivated_at IS NOT NULL THEN 'deactivated'"
    " WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END"
)
# Whoever is in the bin keeps no address and no username from anybody.
_NOT_DELETED = text("deleted_at IS NULL")
_DELETED = text("deleted_at IS NOT NULL")
_TEMPORARY = text("ends_at IS NOT NULL")
_INACTIVE = text("status <> 'active'")
# What lists are narrowed by, held in the indexes of their orders: those that stand apart there are found by it alone.
_HELD = ("deleted_at", "status", "created_at", "last_sign_in_sort")


class AccessWindow:
    """What the beginning and the end of an account say of now."""

    if TYPE_CHECKING:
        status: Any
        starts_at: Any
        ends_at: Any

    @property
    def has_started(self) -> bool:
        return self.starts_at is None or self.starts_at <= now()

    @property
    def has_ended(self) -> bool:
        return self.ends_at is not None and self.ends_at <= now()

    @property
    def can_sign_in(self) -> bool:
        """Whether they may sign in now, and whether what they signed in with before still counts."""
        return self.status == Status.ACTIVE and self.has_started and not self.has_ended


class User(AccessWindow, Model):
    """One account of one person.

    The index of search is another one on each engine: see the migrations.
    `…_key` are the identities by which two spellings count as one; `…_sort` stand in for columns that may be
    empty, so that every sort has a key that is never NULL; `search_text` holds all that search looks in.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index(
            "uq_users_email_key",
            "email_key",
            unique=True,
            postgresql_where=_NOT_DELETED,
            sqlite_where=_NOT_DELETED,
            postgresql_include=["id", *_HELD[1:]],
        ),
        Index(
            "uq_users_username_key",
            "username_key",
            unique=True,
            postgresql_where=_NOT_DELETED,
            sqlite_where=_NOT_DELETED,
        ),
        Index(None, "deleted_at", "id", postgresql_where=_DELETED, sqlite_where=_DELETED),
        Index(None, "ends_at", "id", postgresql_where=_TEMPORARY, sqlite_where=_TEMPORARY),
        *(
            Index(f"ix_users_{order}_id", order, "id", *(column for column in _HELD if column != order))
            for order in ("name_key", "username_sort", "created_at", "last_sign_in_sort")
        ),
        Index("ix_users_status_name_key_id", "status", "name_key", "id", "deleted_at"),
        # Those who are not active are few: without these, finding them in another order walks everybody.
        *(
            Index(
                f"ix_users_inactive_{order}",
                "status",
                order,
                "id",
                postgresql_where=_INACTIVE,
                sqlite_where=_INACTIVE,
            )
            for order in ("email_key", "username_sort", "created_at", "last_sign_in_sort")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    email_key: Mapped[str] = mapped_column(key_string(KEY_MAX))
    username: Mapped[str | None] = mapped_column(String(USERNAME_MAX))
    username_key: Mapped[str | None] = mapped_column(key_string(KEY_MAX))
    username_sort: Mapped[str] = mapped_column(
        key_string(KEY_MAX), Computed("coalesce(username_key, '')", persisted=True)
    )
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    name_key: Mapped[str] = mapped_column(key_string(NAME_MAX))
    search_text: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(String(HASH_MAX))
    status: Mapped[str] = mapped_column(key_string(16), Computed(_STATUS, persisted=True))
    locale: Mapped[str | None] = mapped_column(String(LOCALE_MAX))
    timezone: Mapped[str | None] = mapped_column(String(TIMEZONE_MAX))
    theme: Mapped[str] = mapped_column(String(8), default="system")
    # Key of an attribute → value; beside it the same as lists are sorted and filtered by it.
    attributes: Mapped[dict[str, Any]] = mapped_column(Values, default=dict, server_default="{}")
    attributes_sort: Mapped[dict[str, Any]] = mapped_column(Values, default=dict, server_default="{}")
    # How the list is shown to them: see Display.
    list_settings: Mapped[dict[str, Any]] = mapped_column(Values, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now, onupdate=now)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(Instant)
    last_sign_in_sort: Mapped[datetime] = mapped_column(
        Instant, Computed("coalesce(last_sign_in_at, '0001-01-01 00:00:00.000000')", persisted=True)
    )
    deactivated_at: Mapped[datetime | None] = mapped_column(Instant)
    deactivated_by_name: Mapped[str | None] = mapped_column(String(NAME_MAX))
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_by_name: Mapped[str | None] = mapped_column(String(NAME_MAX))
    # A temporary account lets nobody in before and after.
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    # Sessions and API tokens from before do not count any more.
    sessions_since: Mapped[datetime | None] = mapped_column(Instant)
    tokens_since: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class _Listed(NamedTuple):
    id: UUID
    email: str
    username: str | None
    name: str
    status: str
    locale: str | None
    timezone: str | None
    attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_sign_in_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    version: int
    # Read only where it has to be known why somebody was found.
    search_text: str = ""


class ListedUser(_Listed, AccessWindow):
    """A user as lists show them: read in a sixth of the time of a User, and not to be changed."""


class ListedUsers(Bundle[ListedUser]):
    """Selects these columns as a ListedUser; `marks`: the text that is searched, too."""

    def __init__(self, *, marks: bool = False) -> None:
        names = ListedUser._fields if marks else ListedUser._fields[:-1]
        super().__init__("user", *(getattr(User, name) for name in names))

    def create_row_processor(self, query: Any, procs: Any, labels: Any) -> Any:
        return lambda row: ListedUser(*[value(row) for value in procs])


class FormerIdentity(Model):
    """An e-mail address or username that a person had until `until`; `kind` is the column it stood in."""

    __tablename__ = "former_identities"
    __table_args__ = (Index(None, "user_id", "until"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(EMAIL_MAX))
    key: Mapped[str] = mapped_column(key_string(KEY_MAX))
    until: Mapped[datetime] = mapped_column(Instant, default=now)
