"""Labels of failed attempts to sign in."""

from __future__ import annotations

from webapp.core.texts import _

# Kind of a security event → label. A kind that is not here gets FAILED.
EVENT_LABELS: dict[str, str] = {}
FAILED = _("Failed attempt")


def event_label(kind: str) -> str:
    return EVENT_LABELS.get(kind, FAILED)
