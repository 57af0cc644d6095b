"""The user, and the limits of its fields."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Bundle, Mapped, mapped_column

from webapp.attributes.models import Values
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.passwords import HASH_MAX, NO_PASSWORD
from webapp.core.statuses import Status
from webapp.core.texts import LOCALE_MAX, TIMEZONE_MAX
from webapp.db.session import Model
from webapp.db.types import Instant, key_string

EMAIL_MAX = 254
USERNAME_MIN = 2
USERNAME_MAX = 64
NAME_MAX = 200
KEY_MAX = 320
NEWS_MAX = 16
THEMES = ("system", "light", "dark")


_STATUS = (
    "CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN deactivated_at IS NOT NULL THEN 'deactivated'"
    " WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END"
)
# Other people can use the e-mail address and username of a deleted user.
_NOT_DELETED = text("deleted_at IS NULL")
_DELETED = text("deleted_at IS NOT NULL")
_TEMPORARY = text("ends_at IS NOT NULL")
_PROTECTED = text("second_factor_at IS NOT NULL")
_MERGED = text("merged_into_id IS NOT NULL")
_INACTIVE = text("status <> 'active'")
# The columns that lists are filtered by. Each index for sorting includes them, so that it alone can apply the filters.
_FILTER_COLUMNS = ("deleted_at", "status", "created_at", "last_sign_in_sort")


class AccessWindow:
    """Whether a user has access now, from their status and their dates of access."""

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
        """Whether they can sign in now. If not, their sessions and tokens do not work either."""
        return self.status == Status.ACTIVE and self.has_started and not self.has_ended


class User(AccessWindow, Model):
    """One account of one person.

    Two values with the same `…_key` are the same. `…_sort` replaces NULL by the lowest value, so that sort keys are
    never NULL. Search uses `search_text` only; its index differs between engines (see the migrations).
    """

    __tablename__ = "users"
    __table_args__ = (
        Index(
            "uq_users_email_key",
            "email_key",
            unique=True,
            postgresql_where=_NOT_DELETED,
            sqlite_where=_NOT_DELETED,
            postgresql_include=["id", *_FILTER_COLUMNS[1:]],
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
            Index(f"ix_users_{order}_id", order, "id", *(column for column in _FILTER_COLUMNS if column != order))
            for order in ("name_key", "username_sort", "created_at", "last_sign_in_sort")
        ),
        Index(None, "merged_into_id", postgresql_where=_MERGED, sqlite_where=_MERGED),
        Index(None, "second_factor_at", "id", postgresql_where=_PROTECTED, sqlite_where=_PROTECTED),
        Index("ix_users_status_name_key_id", "status", "name_key", "id", "deleted_at"),
        # Few users are not active. Without these indexes, listing them in these orders scans all users.
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
    # The key of each attribute with its value, and with its sort value for sorting and filtering lists.
    attributes: Mapped[dict[str, Any]] = mapped_column(Values, default=dict, server_default="{}")
    attributes_sort: Mapped[dict[str, Any]] = mapped_column(Values, default=dict, server_default="{}")
    # How the list of people is displayed to this user: see Display.
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
    # This deleted account was merged into another one. No foreign key: SQLite cannot add one to a table with rows.
    merged_into_id: Mapped[UUID | None]
    # The user can sign in only between these two.
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    # Older sessions and API tokens are no longer valid.
    sessions_since: Mapped[datetime | None] = mapped_column(Instant)
    tokens_since: Mapped[datetime | None] = mapped_column(Instant)
    password_changed_at: Mapped[datetime | None] = mapped_column(Instant)
    # Another person set the password: they must change it at their next sign-in.
    password_change_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    # When they added the first of their second factors. NULL: they have none.
    second_factor_at: Mapped[datetime | None] = mapped_column(Instant)
    # Until then they can sign in without the second factor that MFA_REQUIRED asks for.
    second_factor_due_at: Mapped[datetime | None] = mapped_column(Instant)
    # They locked their account from a notice (“this was not me”). A password reset unlocks it.
    locked_at: Mapped[datetime | None] = mapped_column(Instant)
    # The version of the changelog that they have read, when they first saw the audit trail and closed the first steps.
    news_read: Mapped[str | None] = mapped_column(String(NEWS_MAX))
    audit_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    steps_closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def can_sign_in(self) -> bool:
        return super().can_sign_in and self.locked_at is None

    @property
    def has_password(self) -> bool:
        """Whether they can sign in with a password. People with a passkey may have none."""
        return self.password_hash not in {None, NO_PASSWORD}


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
    # Selected only to show which text of the user matches a search.
    search_text: str = ""


class ListedUser(_Listed, AccessWindow):
    """A read-only user for lists. Loading it takes a sixth of the time of a User."""


class ListedUsers(Bundle[ListedUser]):
    """Select the columns of a ListedUser, with or without `search_text`."""

    def __init__(self, *, with_search_text: bool = False) -> None:
        names = ListedUser._fields if with_search_text else ListedUser._fields[:-1]
        super().__init__("user", *(getattr(User, name) for name in names))

    def create_row_processor(self, query: Any, procs: Any, labels: Any) -> Any:
        return lambda row: ListedUser(*[value(row) for value in procs])


class FormerIdentity(Model):
    """An e-mail address or username that a person had until `until`. `kind` is "email" or "username"."""

    __tablename__ = "former_identities"
    __table_args__ = (Index(None, "user_id", "until"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(EMAIL_MAX))
    key: Mapped[str] = mapped_column(key_string(KEY_MAX))
    until: Mapped[datetime] = mapped_column(Instant, default=now)
