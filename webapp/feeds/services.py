"""The only entry point to creating and changing feeds. For other changes see `recurring/services.py`."""

from __future__ import annotations

from typing import Any, Unpack
from uuid import UUID

from webapp.audit.services import difference
from webapp.core.permissions import Actor
from webapp.db.transactions import transaction
from webapp.feeds.checks import FeedValues, check_values
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed
from webapp.feeds.values import audited, set_values
from webapp.imports.models import EMAIL, THRESHOLD_DEFAULT, Mode
from webapp.recurring.services import add_row, check_may_add, locked_row, save_changes

DEFAULTS: dict[str, Any] = {
    "mode": Mode.MATCH.value,
    "key_field": EMAIL,
    "threshold": THRESHOLD_DEFAULT,
    "encoding": "",
    "header_name": "",
    "invite": False,
}


def create_feed(*, by: Actor, **values: Unpack[FeedValues]) -> Feed:
    """Create a feed in the name of `by`, from values that `check_values` accepts. Raise as `add_feed`."""
    return add_feed(check_values(values), by=by)


@transaction()
def add_feed(checked: FeedValues, *, by: Actor) -> Feed:
    """Create a feed from the result of `check_values`. Raise Invalid, Taken, Forbidden, WrongState for too many."""
    check_may_add(FEEDS, by)
    feed = Feed(version=1, **DEFAULTS)
    set_values(feed, checked, by=by)
    add_row(FEEDS, feed, by=by)
    return feed


def update_feed(
    feed_id: UUID, *, by: Actor, version: int | None = None, resolve: bool = True, **values: Unpack[FeedValues]
) -> Feed:
    """Change what is given. The person who does this is the owner from then on: the feed imports in their name.

    Raise Invalid, Taken, Forbidden, or Stale if it was changed after `version`. `resolve`: see `checked_url`.
    """
    checked = check_values(values, resolve=resolve)
    with transaction():
        feed = locked_row(FEEDS, feed_id, by=by, version=version)
        before, secret, owner_id = audited(feed), feed.sealed_header, feed.requested_by_id
        # Its queries flush the new name.
        with FEEDS.refusals():
            set_values(feed, checked, by=by)
        changes = difference(before, audited(feed))
        if secret != feed.sealed_header:
            changes["header"] = (None, "changed" if feed.sealed_header else "removed")
        if changes or owner_id != feed.requested_by_id:
            save_changes(FEEDS, feed, changes, by=by)
    return feed
