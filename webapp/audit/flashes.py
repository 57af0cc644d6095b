"""Flash messages after a change, with an Undo button where the change can be undone."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash

from webapp.audit.queries import get_record
from webapp.audit.services import last_record_ids
from webapp.audit.undo import find_undo
from webapp.core.errors import Forbidden


def flash_done(message: str) -> None:
    """Flash a success. If the last transaction wrote exactly one record and it can be undone, offer Undo."""
    flash(message, "success")
    ids = last_record_ids()
    if len(ids) == 1 and find_undo(get_record(ids[0])):
        # components/flash.html turns this into a button of the message before it.
        flash(str(ids[0]), "undo")


def flash_outcome(change: Callable[[], object], done: str) -> None:
    """Call `change`, then flash `done`, or the message of the Forbidden that it raises.

    For buttons without a form: they have no field that could show an error.
    """
    try:
        change()
    except Forbidden as error:
        flash(str(error), "error")
    else:
        flash_done(done)
