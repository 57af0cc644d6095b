"""Labels of bulk changes: their states, the outcomes of their people, and the fields of their audit records."""

from __future__ import annotations

from collections.abc import Callable

from webapp.bulk.actions import ACTIONS
from webapp.bulk.models import Outcome, State
from webapp.core.texts import _, pgettext

STATE_LABELS: dict[str, str] = {
    State.DRAFT: _("Not finished"),
    State.PLANNING: _("Creating preview"),
    State.PLANNED: _("Ready to apply"),
    State.APPLYING: _("Applying"),
    State.APPLIED: pgettext("bulk", "Applied"),
    State.UNDOING: _("Undoing"),
    State.UNDONE: pgettext("bulk", "Undone"),
}
# In the order in which the page offers them as filters.
OUTCOME_LABELS: dict[str, str] = {
    Outcome.CHANGE: pgettext("outcome", "Will change"),
    Outcome.DONE: pgettext("outcome", "Changed"),
    Outcome.UNDONE: pgettext("outcome", "Undone"),
    Outcome.KEPT: pgettext("outcome", "Not undone"),
    Outcome.OVERTAKEN: pgettext("outcome", "Changed since the preview"),
    Outcome.SKIPPED: pgettext("outcome", "Skipped"),
    Outcome.SAME: pgettext("outcome", "No change needed"),
    Outcome.REFUSED: pgettext("outcome", "Cannot be changed"),
}
FIELD_LABELS = {
    "people": _("People"),
    "attribute": _("Attribute"),
    "bulk_action": _("Action"),
    "bulk_done": _("People changed"),
    "bulk_same": _("People already up to date"),
    "bulk_refused": _("People who cannot be changed"),
    "bulk_overtaken": _("People changed since the preview"),
    "bulk_skipped": _("People skipped"),
    "bulk_undone": _("People with changes undone"),
    "bulk_kept": _("People with changes not undone"),
}
VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "bulk_action": lambda name: ACTIONS[name].label if name in ACTIONS else name,
}
