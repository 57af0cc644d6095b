"""The CSV file of an access review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from webapp.access.models import role_label
from webapp.core.formats import to_viewer_timezone
from webapp.core.spreadsheets import BOM, csv_text
from webapp.core.texts import _, use_language
from webapp.reviews.services import Change, ReviewLine

TIME = "%Y-%m-%d %H:%M:%S"
CHANGE_LABELS = {Change.ADDED: _("added"), Change.REMOVED: _("removed"), None: ""}
HEADINGS = (
    _("Change"),
    _("Name"),
    _("E-mail address"),
    _("Role"),
    _("Within"),
    _("Through"),
    _("Since (UTC)"),
    _("Until (UTC)"),
)


def csv_filename(on: datetime, since: datetime | None) -> str:
    """Return a name with the days in the time zone of the viewer."""
    days = [f"{to_viewer_timezone(moment):%Y-%m-%d}" for moment in (since, on) if moment]
    return f"access-{'-'.join(days)}.csv"


def csv_lines(lines: Iterator[ReviewLine], locale: str) -> Iterator[str]:
    """`locale` is the viewer's: while the file is sent, there is no request to read it from."""
    with use_language(locale):
        yield BOM + csv_text([map(str, HEADINGS)])
        for line in lines:
            yield csv_text([_cells(line)])


def _cells(line: ReviewLine) -> list[str]:
    grant = line.grant
    return [
        str(CHANGE_LABELS[line.change]),
        line.person.name,
        line.person.email,
        str(role_label(grant.role.name)),
        grant.scope.name if grant.scope else "",
        grant.group.name if grant.group else "",
        _time(grant.starts_at),
        _time(grant.ends_at),
    ]


def _time(moment: datetime | None) -> str:
    return f"{moment:{TIME}}" if moment else ""
