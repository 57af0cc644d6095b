"""Undo of changes of feeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from webapp.access.undo import lifecycle_undos
from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value, difference
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.feeds.models import Feed, Source
from webapp.feeds.queries import feed_not_found, mapping_named
from webapp.feeds.services import (
    ACTIVE,
    PAUSED,
    check_may_manage,
    delete_feed,
    pause_feed,
    restore_feed,
    resume_feed,
    update_feed,
)
from webapp.feeds.values import audited

MANAGE = Permission.IMPORTS_RUN
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


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_may_manage(by)
    feed = db.session.get(Feed, record.subject_id, populate_existing=True)
    if feed is None:
        raise feed_not_found()
    if feed.deleted_at:
        return {}
    values = {name: after for name, (_before, after) in difference({}, audited(feed)).items()}
    return values | {"feed_state": PAUSED if feed.paused_at else ACTIVE}


def undo_update(record: AuditRecord, by: Actor) -> None:
    """Give the fields their earlier values. The person who does this owns the feed from then on."""
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
    update_feed(record.subject_id, by=by, **values)


_LIFECYCLE = lifecycle_undos(
    permission=MANAGE,
    current=_current,
    actions=(Action.FEED_CREATED, Action.FEED_UPDATED, Action.FEED_DELETED, Action.FEED_RESTORED),
    update=undo_update,
    delete=delete_feed,
    restore=restore_feed,
)
UNDOS = _LIFECYCLE | {
    Action.FEED_UPDATED: replace(_LIFECYCLE[Action.FEED_UPDATED], fields=lambda name: name not in _LOST),
    Action.FEED_PAUSED: Undo(MANAGE, apply=lambda record, by: resume_feed(record.subject_id, by=by), current=_current),
    Action.FEED_RESUMED: Undo(MANAGE, apply=lambda record, by: pause_feed(record.subject_id, by=by), current=_current),
}
