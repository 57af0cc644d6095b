"""Named reads of feeds and their runs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.sql.base import ExecutableOption

from webapp.core.errors import Invalid, NotFound
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.db.session import db
from webapp.feeds.models import PROBLEMS, Feed, FeedRun
from webapp.imports.models import MAPPING_NAME_MAX, SavedMapping
from webapp.lists.order import Order
from webapp.users.models import User

NEWEST_FIRST = Order("-id", FeedRun.id, FeedRun.id, descending=True)
_LIVE: ColumnElement[bool] = Feed.deleted_at.is_(None)
MAPPINGS_SHOWN = 500


def list_feeds() -> list[Feed]:
    """Return all feeds by name, with their owners. There are at most FEEDS_MAX."""
    query = select(Feed).where(_LIVE).options(_with_owner(), defer(Feed.mapping))
    return list(db.session.scalars(query.order_by(Feed.name_key)))


def count_feeds() -> int:
    return db.session.scalar(select(func.count()).select_from(Feed).where(_LIVE)) or 0


def get_feed(feed_id: UUID) -> Feed:
    """Return the feed with its owner. Raise NotFound if there is none or it is deleted."""
    feed = db.session.scalars(select(Feed).where(Feed.id == feed_id, _LIVE).options(_with_owner())).first()
    if feed is None:
        raise feed_not_found()
    return feed


def feeds_with_problems() -> list[Feed]:
    """Return the feeds whose last run failed or stopped, and those that Rollcall paused. By name."""
    is_problem = or_(Feed.last_outcome.in_(PROBLEMS), Feed.pause_reason != "")
    query = select(Feed).where(_LIVE, is_problem).options(defer(Feed.mapping)).order_by(Feed.name_key)
    return list(db.session.scalars(query))


def list_runs(feed_id: UUID) -> Select[FeedRun]:
    return select(FeedRun).where(FeedRun.feed_id == feed_id)


def open_run(feed_id: UUID) -> FeedRun | None:
    """Return the run that has not ended."""
    return db.session.scalars(list_runs(feed_id).where(FeedRun.ended_at.is_(None))).first()


def list_mappings() -> list[SavedMapping]:
    """Return saved mappings by name."""
    query = select(SavedMapping).options(defer(SavedMapping.mapping)).order_by(SavedMapping.name_key)
    return list(db.session.scalars(query.limit(MAPPINGS_SHOWN)))


def mapping_named(name: str) -> SavedMapping:
    """Return the saved import with this name. Raise Invalid."""
    saved = db.session.scalars(select(SavedMapping).where(SavedMapping.name_key == caseless_key(name))).first()
    if saved is None:
        message = _("There is no saved import called %(name)s", name=name[:MAPPING_NAME_MAX])
        raise Invalid(message, field="mapping_id", code="unknown")
    return saved


def has_newer_mapping(feed: Feed) -> bool:
    """Whether the saved import is not the one that the feed has a copy of. False if it was deleted."""
    saved = db.session.get(SavedMapping, feed.mapping_id)
    return saved is not None and saved.mapping != feed.mapping


def feed_not_found() -> NotFound:
    return NotFound(_("This feed does not exist"))


def _with_owner() -> ExecutableOption:
    return joinedload(Feed.owner).load_only(User.name)
