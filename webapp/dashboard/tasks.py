"""Jobs of the dashboard: counting everybody, and the list of people who have been away for long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, text

from webapp.access.models import role_label
from webapp.core.clock import now
from webapp.core.formats import format_number
from webapp.core.ids import min_id_at, new_id
from webapp.core.spreadsheets import BOM, csv_text, escape_formula
from webapp.core.texts import LOCALES, _, use_language
from webapp.dashboard.models import ReportPart
from webapp.dashboard.queries import (
    BEGINNING,
    DORMANT_DAYS,
    DORMANT_REPORT,
    Dormant,
    count_dormant_before,
    dormant_after,
)
from webapp.db.session import db
from webapp.db.types import Instant
from webapp.jobs.kinds import JobRun, job_kind

CHUNK = 1000
PARTS_READ = 20
# 30 MB. The driver takes nine times a file's size to write it, and a worker has 512 MB.
LINES_MAX = 250_000
# What was gathered for a report that was never finished is kept for as long as its job may go on.
UNFINISHED_KEPT_FOR = timedelta(days=90)
TIME = "%Y-%m-%d %H:%M:%S"

_REFRESH = """
INSERT INTO figures (name, value, at)
SELECT name, people, :at FROM (
    SELECT 'people.status.' || status AS name, count(*) AS people FROM users
    WHERE status <> 'deleted' GROUP BY status
    UNION ALL
    SELECT 'people.role.' || CAST(role_id AS TEXT), count(*) FROM role_grants
    WHERE user_id IS NOT NULL AND starts_at <= :at AND (ends_at IS NULL OR ends_at > :at)
        AND user_id NOT IN (SELECT id FROM users WHERE deleted_at IS NOT NULL) GROUP BY role_id
) AS figures_now
WHERE true
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at
"""
# Roles and states that nobody has any more.
_FORGET = "DELETE FROM figures WHERE name LIKE 'people.%' AND at < :at"


@job_kind(
    "totals.refresh",
    label=_("Count people by status and role"),
    interval=timedelta(minutes=10),
    every=_("Every 10 minutes"),
)
def refresh_totals(run: JobRun) -> None:
    """Counts everybody in one statement, so that all figures are of one moment."""
    _take_time()
    moment = bindparam("at", now(), Instant)
    for statement in (_REFRESH, _FORGET):
        db.session.execute(text(statement).bindparams(moment))
    run.finish()


@job_kind(DORMANT_REPORT, label=_("List people who have not signed in for 90 days"))
def report_dormant(run: JobRun) -> None:
    """Lists those who were away at the moment of the first chunk, a thousand at a time, into one CSV file."""
    _take_time()
    place, total = (run.checkpoint, None) if run.checkpoint else _begun()
    people = _following(place, CHUNK + 1)
    more, people = len(people) > CHUNK, people[:CHUNK]
    lines = [_cells(person, place["ranks"].get(person.role or "", 0)) for person in people]
    with use_language(_language(run)):
        _keep(place, [_headings(), *lines] if run.checkpoint is None else lines)
        place = _next(place, people)
        if more and place["people"] >= LINES_MAX:
            run.add_message(_cut_short(place["people"]))
    if more and place["people"] < LINES_MAX:
        run.advance(place, done=len(people), total=total)
        return
    run.advance(place, done=len(people), total=place["people"])
    day = datetime.fromisoformat(place["before"]) + timedelta(days=DORMANT_DAYS)
    run.attach_file(f"dormant-{day:%Y-%m-%d}.csv", _gathered(place), "text/csv; charset=utf-8")
    run.finish(people=place["people"])


def _begun() -> tuple[dict[str, Any], int]:
    """Where a new report begins, and how many people it will be about. Forgets what others left unfinished long ago."""
    moment = now()
    old = min_id_at(moment - UNFINISHED_KEPT_FOR)
    db.session.execute(delete(ReportPart).where(ReportPart.report_id < old))
    before = moment - timedelta(days=DORMANT_DAYS)
    last_sign_in, user_id = BEGINNING
    place = {
        "report": new_id().hex,
        "before": before.isoformat(),
        "last_sign_in": last_sign_in.isoformat(),
        "id": user_id.hex,
        "part": 0,
        "people": 0,
        "ranks": {},
    }
    return place, count_dormant_before(before, limit=LINES_MAX)


def _following(place: dict[str, Any], limit: int) -> list[Dormant]:
    """Those who come after `place`."""
    after = (datetime.fromisoformat(place["last_sign_in"]), UUID(place["id"]))
    return dormant_after(after, before=datetime.fromisoformat(place["before"]), limit=limit)


def _cut_short(people: int) -> str:
    text = _(
        "The report lists only the first %(count)s people, longest absence first",
        count=format_number(people),
    )
    return str(text)


def _next(place: dict[str, Any], people: list[Dormant]) -> dict[str, Any]:
    """A new place, never the old one changed: only that way is it seen to be new."""
    ranks = dict(place["ranks"])
    for person in people:
        role = person.role or ""
        ranks[role] = ranks.get(role, 0) + 1
    following = place | {"part": place["part"] + 1, "people": place["people"] + len(people), "ranks": ranks}
    if people:
        following |= {"last_sign_in": people[-1].last_sign_in_sort.isoformat(), "id": people[-1].id.hex}
    return following


def _keep(place: dict[str, Any], lines: Iterable[Iterable[str]]) -> None:
    part = ReportPart(report_id=UUID(place["report"]), number=place["part"], content=csv_text(lines).encode())
    db.session.add(part)
    db.session.flush()


def _gathered(place: dict[str, Any]) -> bytes:
    """The whole file; its parts are gone then. They are read a few at a time: the file alone is large enough."""
    mine = ReportPart.report_id == UUID(place["report"])
    parts = select(ReportPart.content).where(mine).order_by(ReportPart.number)
    content = bytearray(BOM.encode())
    for part in db.session.scalars(parts, execution_options={"yield_per": PARTS_READ}):
        content += part
    db.session.execute(delete(ReportPart).where(mine))
    return bytes(content)


def _headings() -> list[str]:
    headings = (
        _("Name"),
        _("E-mail address"),
        _("Username"),
        _("Last sign-in (UTC)"),
        _("Created (UTC)"),
        _("Role"),
        _("Rank in role"),
    )
    return [str(heading) for heading in headings]


def _cells(person: Dormant, ranked_before: int) -> list[str]:
    last = f"{person.last_sign_in_at:{TIME}}" if person.last_sign_in_at else ""
    texts = (person.name, person.email, person.username or "")
    rank = str(ranked_before + person.place)
    return [*map(escape_formula, texts), last, f"{person.created_at:{TIME}}", str(role_label(person.role or "")), rank]


def _language(run: JobRun) -> str:
    language = run.arguments.get("locale")
    return language if language in LOCALES else "en"


def _take_time() -> None:
    """No time limit until the end of this chunk: nobody waits for it."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
