"""Audit records that the target of the event stream has not received."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.audit.holds import Hold
from webapp.core.texts import _
from webapp.event_stream.cursors import SECURITY, Position
from webapp.event_stream.push.queries import find_push


def records_to_push() -> Iterator[Hold]:
    push = find_push()
    if push is not None:
        reason = _("The target of the event stream has not received them yet.")
        yield Hold(reason, positions=Position.parse(push.cursor).seqs[:SECURITY])
