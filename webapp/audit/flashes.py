"""Flash messages after a change, with an Undo button where the change can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from flask import flash, get_flashed_messages

from webapp.audit.queries import get_record
from webapp.audit.services import last_record_ids
from webapp.audit.undo import find_undo
from webapp.core.errors import Forbidden

# The category of a message that is the ID of a record, not a text.
UNDO = "undo"


@dataclass(frozen=True)
class ShownFlash:
    """A message, and the ID of the record that its button undoes."""

    category: str
    message: str
    undo_record_id: str | None


def flash_done(message: str) -> None:
    """Flash a success. If the last transaction wrote exactly one record and it can be undone, offer Undo."""
    flash(message, "success")
    ids = last_record_ids()
    if len(ids) == 1 and find_undo(get_record(ids[0])):
        # `shown_flashes` turns this into a button of the message before it.
        flash(str(ids[0]), UNDO)


def flash_outcome(change: Callable[[], object], done: str) -> None:
    """Call `change`, then flash `done`. If it raises Forbidden, flash that message.

    Use this for buttons, which have no form field to show an error.
    """
    try:
        change()
    except Forbidden as error:
        flash(str(error), "error")
    else:
        flash_done(done)


def shown_flashes() -> list[ShownFlash]:
    """Return the flashed messages of this request, as components/flash.html prints them."""
    messages = get_flashed_messages(with_categories=True)
    return [
        ShownFlash(category, message, following if next_category == UNDO else None)
        for (category, message), (next_category, following) in pairwise([*messages, ("", "")])
        if category != UNDO
    ]
