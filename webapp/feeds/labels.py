"""Labels of feeds: sources, states and outcomes, and the fields of their audit records."""

from __future__ import annotations

from collections.abc import Callable

from webapp.audit.labels import yes_or_no
from webapp.core.texts import _, pgettext
from webapp.feeds.models import Feed, RunOutcome, Source
from webapp.imports.labels import KEY_LABELS, MODE_LABELS
from webapp.imports.labels import OUTCOME_LABELS as ROW_LABELS
from webapp.imports.models import NOT_IMPORTED, Outcome
from webapp.jobs.labels import WEEKDAY_LABELS

SOURCE_LABELS: dict[str, str] = {
    Source.FOLDER: _("A folder of the server"),
    Source.ADDRESS: _("An address on the Internet"),
}
OUTCOME_LABELS: dict[str, str] = {
    RunOutcome.APPLIED: pgettext("feed", "Imported"),
    RunOutcome.UNCHANGED: pgettext("feed", "Nothing to change"),
    RunOutcome.SAME_FILE: pgettext("feed", "No new file"),
    RunOutcome.STOPPED: pgettext("feed", "Stopped at its threshold"),
    RunOutcome.FAILED: pgettext("feed", "Failed"),
}
# Outcomes of rows, also those of a preview that waits.
NUMBER_LABELS: dict[tuple[Outcome, ...], str] = {
    (Outcome.CREATED,): ROW_LABELS[Outcome.CREATED],
    (Outcome.UPDATED,): ROW_LABELS[Outcome.UPDATED],
    (Outcome.DEACTIVATED,): ROW_LABELS[Outcome.DEACTIVATED],
    (Outcome.CREATE,): ROW_LABELS[Outcome.CREATE],
    (Outcome.UPDATE,): ROW_LABELS[Outcome.UPDATE],
    NOT_IMPORTED: _("Not imported"),
}
STATE_LABELS = {"active": pgettext("feed", "Active"), "paused": pgettext("feed", "Paused")}
FIELD_LABELS = {
    "feed_source": _("Source"),
    "feed_location": _("Path or address"),
    "header_name": _("Request header"),
    "header": _("Secret of the header"),
    "feed_mapping": _("Saved import"),
    "feed_columns": _("Columns"),
    "encoding": _("Encoding"),
    "feed_key": _("How people are recognised"),
    "feed_threshold": _("Deactivate at most, in percent"),
    "feed_invite": _("Send invitations to new people"),
    "feed_state": _("State"),
    "missing": _("People missing in the file"),
    "in_scope": _("People in scope"),
}


def state_label(feed: Feed) -> str:
    return STATE_LABELS["paused" if feed.paused_at else "active"]


def outcome_label(outcome: str) -> str:
    return OUTCOME_LABELS.get(outcome, outcome)


def mode_label(mode: str) -> str:
    return MODE_LABELS.get(mode, mode)


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "feed_source": lambda source: str(SOURCE_LABELS.get(source, source)),
    "feed_key": lambda key: str(KEY_LABELS.get(key, key)),
    "feed_invite": yes_or_no,
    "feed_state": lambda state: str(STATE_LABELS.get(state, state)),
    "weekday": lambda day: str(WEEKDAY_LABELS.get(day, day)),
}
