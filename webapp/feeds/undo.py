"""Undo of changes of feeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed, Source
from webapp.feeds.queries import mapping_named
from webapp.feeds.services import update_feed
from webapp.recurring.undo import undos

# Field of a record → argument of the service.
_ARGUMENTS = {
    "name": "name",
    "feed_source": "source",
    "header_name": "header_name",
    "encoding": "encoding",
    "import_mode": "mode",
    "feed_key": "key",
    "time_of_day": "time_of_day",
    "timezone": "timezone",
}
# A secret is not in the record, and the columns come with the saved import.
_LOST = ("header", "feed_columns")


def undo_update(record: AuditRecord, by: Actor) -> None:
    """Give the fields their earlier values. The person who does this owns the feed from then on.

    Name servers are not asked, because this runs in a transaction. The client checks each connection.
    """
    before = {name: pair[0] for name, pair in record.changes.items()}
    values: dict[str, Any] = {argument: before[name] or "" for name, argument in _ARGUMENTS.items() if name in before}
    if "feed_location" in before:
        feed = db.session.get_one(Feed, record.subject_id)
        source = values.get("source", feed.source)
        values |= {"source": source, "path" if source == Source.FOLDER else "url": before["feed_location"]}
    if "feed_mapping" in before:
        values["mapping_id"] = mapping_named(str(before["feed_mapping"])).id
    if "feed_threshold" in before:
        values["threshold"] = int(str(before["feed_threshold"]))
    if "feed_invite" in before:
        values["invite"] = before["feed_invite"] == "yes"
    if "weekday" in before:
        values["weekday"] = None if before["weekday"] is None else int(str(before["weekday"]))
    update_feed(record.subject_id, by=by, resolve=False, **values)


_UNDOS = undos(FEEDS, undo_update)
UNDOS = _UNDOS | {
    Action.FEED_UPDATED: replace(_UNDOS[Action.FEED_UPDATED], fields=lambda name: name not in _LOST),
}
