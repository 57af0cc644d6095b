"""Saying that a change was made, with a button that takes it back."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash

from webapp.audit.queries import get_record
from webapp.audit.services import recorded
from webapp.audit.undo import offered
from webapp.core.errors import Forbidden


def flash_done(message: str) -> None:
    """Says that the change just made was made; offers Undo when it is one change that can be taken back."""
    flash(message, "success")
    ids = recorded()
    if len(ids) == 1 and offered(get_record(ids[0])):
        # The templates make it a button of the message before it.
        flash(str(ids[0]), "undo")


def flash_outcome(change: Callable[[], object], done: str) -> None:
    """Makes a change by a single button and says that it was made; or, if it may not be, says why.

    Either way the same page follows: a button has no field beside which a refusal could stand.
    """
    try:
        change()
    except Forbidden as error:
        flash(str(error), "error")
    else:
        flash_done(done)
