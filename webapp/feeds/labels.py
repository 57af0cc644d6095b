"""Labels of feeds: sources, states and outcomes, and the fields of their audit records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp.audit.labels import yes_or_no
from webapp.core.formats import format_date, format_number
from webapp.core.texts import _
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed, Source
from webapp.imports.labels import KEY_LABELS
from webapp.imports.labels import OUTCOME_LABELS as ROW_LABELS
from webapp.imports.models import NOT_IMPORTED, Outcome
from webapp.jobs.labels import WEEKDAY_LABELS
from webapp.recurring.labels import PageTexts

SOURCE_LABELS: dict[str, str] = {
    Source.FOLDER: _("A folder of the server"),
    Source.ADDRESS: _("An address on the Internet"),
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
PAGE_TEXTS = PageTexts(
    one=_("Feed"),
    all=_("Feeds"),
    new=_("Create feed"),
    edit=_("Edit feed"),
    delete=_("Delete feed"),
    deletion=_("%(name)s imports no more files. What it imported stays. You can undo this for 30 days."),
    created=_("Feed %(name)s created"),
    paused=_("Feed %(name)s paused"),
    resumed=_("Feed %(name)s resumed"),
    deleted=_("Feed %(name)s deleted"),
    running=_("The feed is running. You see the result here."),
    no_runs=_("Each run appears here, and its import stays for 90 days."),
    paused_by_rollcall=_("Rollcall paused this feed on %(day)s."),
)
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


def silence_label(feed: Feed) -> str:
    """Say since when there is no new file. Empty if the source is not silent."""
    since = feed.silent_since
    return str(_("No new file since %(day)s", day=format_date(since))) if since else ""


def attention_label(feed: Feed) -> str:
    """Say why a person should look at a feed."""
    if feed.pause_reason:
        return str(FEEDS.state_label(feed))
    is_problem = feed.last_outcome in FEEDS.problems
    return FEEDS.outcome_label(feed.last_outcome) if is_problem else silence_label(feed)


def numbers_of(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return (label, number) of the rows of an import, without zeros. `counts`: outcome → number."""
    sums = {label: sum(counts.get(outcome, 0) for outcome in outcomes) for outcomes, label in NUMBER_LABELS.items()}
    return [(str(label), format_number(number)) for label, number in sums.items() if number]


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "feed_source": lambda source: str(SOURCE_LABELS.get(source, source)),
    "feed_key": lambda key: str(KEY_LABELS.get(key, key)),
    "feed_invite": yes_or_no,
    "feed_state": lambda state: str(FEEDS.state_labels.get(state, state)),
    "weekday": lambda day: str(WEEKDAY_LABELS.get(day, day)),
}
