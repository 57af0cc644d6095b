"""The values of a feed: how they are set, and what audit records say of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from webapp.bulk.requester import save_token
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor
from webapp.core.sealing import seal
from webapp.core.texts import _, language
from webapp.db.session import db
from webapp.feeds.checks import FeedValues, name_key
from webapp.feeds.models import Feed, Source
from webapp.imports.files.mapping import IGNORE, Mapping
from webapp.imports.models import SavedMapping
from webapp.imports.options import Options, check_options
from webapp.outgoing.urls import origin_of

COLUMNS_RECORDED_MAX = 100
_DIRECT = ("name", "encoding", "mode", "threshold", "invite", "time_of_day", "timezone", "weekday")


def audited(feed: Feed) -> dict[str, object]:
    """Return what audit records say of a feed."""
    columns = Mapping.from_json(feed.mapping).columns
    return {
        "name": feed.name,
        "feed_source": feed.source,
        "feed_location": feed.location,
        "header_name": feed.header_name or None,
        "feed_mapping": feed.mapping_name,
        "feed_columns": [f"{each.heading} = {each.target}" for each in columns if each.target != IGNORE][
            :COLUMNS_RECORDED_MAX
        ],
        "encoding": feed.encoding or None,
        "import_mode": feed.mode,
        "feed_key": feed.key_field,
        "feed_threshold": str(feed.threshold),
        "feed_invite": "yes" if feed.invite else "no",
        "time_of_day": feed.time_of_day,
        "timezone": feed.timezone,
        "weekday": None if feed.weekday is None else str(feed.weekday),
    }


def set_values(feed: Feed, values: FeedValues, *, by: Actor) -> None:
    """Set the given values, and the owner. Raise Invalid if they do not fit together."""
    read = (feed.source, feed.location, feed.mapping, feed.mode, feed.key_field, feed.encoding)
    for name, value in values.items():
        if name in _DIRECT:
            setattr(feed, name, value)
    feed.name_key = name_key(feed.name)
    feed.key_field = values.get("key", feed.key_field)
    _set_source(feed, values)
    _set_mapping(feed, values.get("mapping_id"))
    options = Options(Mapping.from_json(feed.mapping), feed.import_mode, feed.key_field, threshold=feed.threshold)
    check_options(options, by=by)
    if by.id is not None:
        feed.requested_by_id, feed.locale = by.id, language()
        save_token(feed, by)
    if read != (feed.source, feed.location, feed.mapping, feed.mode, feed.key_field, feed.encoding):
        # The same file has to be imported again.
        feed.last_digest = None
    if not feed.paused_at:
        feed.next_run_at = feed.run_after(now())


def _set_source(feed: Feed, values: FeedValues) -> None:
    before = feed.location
    unused = "path" if feed.source == Source.ADDRESS else "url"
    if feed.source and "source" not in values and unused in values:
        raise Invalid(_("Choose where the file is"), field="source", code="missing")
    source, header = Source(values.get("source", feed.source)), values.get("header")
    location: Any = values.get("path" if source is Source.FOLDER else "url", feed.location)
    if source != feed.source and location == feed.location:
        field = "path" if source is Source.FOLDER else "url"
        raise Invalid(_("Enter where the file is"), field=field, code="missing")
    if source is Source.FOLDER:
        feed.header_name, feed.sealed_header = "", None
    else:
        feed.header_name = values.get("header_name", feed.header_name or "")
        if feed.sealed_header and header is None and origin_of(location) != origin_of(before):
            raise Invalid(_("Enter it again: the old value was for another server"), field="header", code="missing")
        if header is not None:
            feed.sealed_header = seal(header) if header else None
    feed.source, feed.location = source.value, location


def _set_mapping(feed: Feed, mapping_id: UUID | None) -> None:
    """Copy the saved mapping. None keeps the copy that the feed has."""
    if mapping_id is None and feed.mapping is not None:
        return
    saved = db.session.get(SavedMapping, mapping_id) if mapping_id else None
    if saved is None:
        raise Invalid(_("Choose a saved import"), field="mapping_id", code="missing")
    feed.mapping_id, feed.mapping_name, feed.mapping = saved.id, saved.name, saved.mapping
