"""The report of dormant accounts: a CSV file that the job `dormant.report` writes in chunks.

Each chunk saves its lines as a part. After the last chunk the parts are joined to one file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from webapp.access.models import role_label
from webapp.core.formats import format_number, to_viewer_timezone
from webapp.core.texts import _
from webapp.dashboard.dormant import (
    DORMANT_DAYS,
    START,
    Cursor,
    DormantPerson,
    count_dormant_before,
    dormant_before,
    list_dormant,
)

CHUNK_SIZE = 1000
# 30 MB. The database driver needs nine times the size of a file to write it, and a worker has 512 MB.
LINES_MAX = 250_000
TIME = "%Y-%m-%d %H:%M:%S"
HEADINGS = (
    _("Name"),
    _("E-mail address"),
    _("Username"),
    _("Last sign-in (UTC)"),
    _("Created (UTC)"),
    _("Role"),
    _("Rank in role"),
)


@dataclass(frozen=True)
class Progress:
    """The state of a report between two chunks. `listed` is the number of people so far by role."""

    before: datetime
    after: Cursor
    parts: int
    people: int
    listed: dict[str, int]

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(
            before=datetime.fromisoformat(values["before"]),
            after=Cursor(datetime.fromisoformat(values["last_sign_in"]), UUID(values["id"])),
            parts=values["part"],
            people=values["people"],
            listed=values["ranks"],
        )

    def to_json(self) -> dict[str, Any]:
        """Return the checkpoint of the job. Jobs that wait keep it, so its keys must not change."""
        return {
            "before": self.before.isoformat(),
            "last_sign_in": self.after.last_sign_in_sort.isoformat(),
            "id": self.after.user_id.hex,
            "part": self.parts,
            "people": self.people,
            "ranks": self.listed,
        }

    @property
    def full(self) -> bool:
        return self.people >= LINES_MAX

    @property
    def filename(self) -> str:
        """Return a name with the day of the report in the time zone of the viewer."""
        return f"dormant-{to_viewer_timezone(self.before).date() + timedelta(days=DORMANT_DAYS - 1)}.csv"


def start_report() -> tuple[Progress, int]:
    """Return the progress of a new report and its expected number of people."""
    before = dormant_before()
    progress = Progress(before, START, parts=0, people=0, listed={})
    return progress, count_dormant_before(before, limit=LINES_MAX)


def read_chunk(progress: Progress) -> tuple[list[DormantPerson], bool]:
    """Return the next people, and whether there are more after them."""
    people = list_dormant(progress.before, after=progress.after, limit=CHUNK_SIZE + 1)
    return people[:CHUNK_SIZE], len(people) > CHUNK_SIZE


def report_lines(progress: Progress, people: Iterable[DormantPerson]) -> list[list[str]]:
    return [_cells(person, progress.listed.get(person.role or "", 0)) for person in people]


def headings() -> list[str]:
    return [str(heading) for heading in HEADINGS]


def advanced(progress: Progress, people: list[DormantPerson]) -> Progress:
    """Return the progress after a chunk with these people."""
    return Progress(
        before=progress.before,
        after=Cursor(people[-1].last_sign_in_sort, people[-1].id) if people else progress.after,
        parts=progress.parts + 1,
        people=progress.people + len(people),
        listed=dict(Counter(progress.listed) + Counter(person.role or "" for person in people)),
    )


def truncation_message(people: int) -> str:
    text = _("The report lists only the first %(count)s people, longest absence first", count=format_number(people))
    return str(text)


def _cells(person: DormantPerson, listed_before: int) -> list[str]:
    """`listed_before`: how many people of the same role earlier chunks list."""
    return [
        person.name,
        person.email,
        person.username or "",
        f"{person.last_sign_in_at:{TIME}}" if person.last_sign_in_at else "",
        f"{person.created_at:{TIME}}",
        str(role_label(person.role or "")),
        str(listed_before + person.rank_in_chunk),
    ]
