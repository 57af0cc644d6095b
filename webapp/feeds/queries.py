"""Named reads of feeds and their saved imports."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import defer

from webapp.core.errors import Invalid
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.db.session import db
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed
from webapp.imports.models import MAPPING_NAME_MAX, SavedMapping
from webapp.recurring.queries import list_rows, rows_with_problems

MAPPINGS_SHOWN = 500


def list_feeds() -> list[Feed]:
    """Return all feeds by name, with their owners. There are at most FEEDS_MAX."""
    return list(db.session.scalars(list_rows(FEEDS).options(defer(Feed.mapping)).order_by(Feed.name_key)))


def feeds_with_problems() -> list[Feed]:
    """Return the feeds that a person should look at, by name. A paused feed is not silent."""
    is_silent = and_(Feed.silent_at.is_not(None), Feed.paused_at.is_(None))
    return rows_with_problems(FEEDS, also=is_silent)


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
