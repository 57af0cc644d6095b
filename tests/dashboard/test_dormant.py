"""Who has been away for long: how many, and the report."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from tests.dashboard.conftest import Jobs, Past, explained
from tests.factories import TESTER
from webapp.access.models import OWNER
from webapp.core.spreadsheets import escape_formula
from webapp.dashboard import tasks
from webapp.dashboard.models import ReportPart
from webapp.dashboard.queries import BEGINNING, count_dormant, dormant_after, dormant_people
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.demo.services import fill
from webapp.jobs.queries import messages_of
from webapp.lists.count import Count
from webapp.users.models import User
from webapp.users.services import deactivate_user
from webapp.web.api import App

NOW = datetime(2030, 5, 15, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=90)
LONG_AGO = datetime(2027, 1, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HEADINGS = [
    "Name",
    "E-mail address",
    "Username",
    "Last sign-in (UTC)",
    "Created (UTC)",
    "Role",
    "Rank in role",
]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def table(jobs: Jobs, job_id: object) -> list[list[str]]:
    _name, _type, content = jobs.file(job_id)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def names(app: App) -> list[str]:
    with app.app_context():
        return [user.name for user in db.session.scalars(dormant_people(BEFORE).order_by(User.name))]


def test_dormant_people_are_active_and_have_not_signed_in(app: App, past: Past) -> None:
    past(LONG_AGO, name="Away", last_sign_in_at=BEFORE - SECOND)
    past(LONG_AGO, name="Never came")
    past(LONG_AGO, name="Came", last_sign_in_at=BEFORE)
    past(BEFORE, name="New, never came")
    with app.app_context():
        deactivate_user(past(LONG_AGO, name="Deactivated"), by=TESTER)
    invited = past(LONG_AGO, name="Invited")
    with app.app_context(), transaction():
        db.session.execute(update(User).where(User.id == invited).values(password_hash=None))
    assert names(app) == ["Away", "Never came"]


def test_dormant_people_are_counted_up_to_a_limit(app: App, past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(3):
        past(LONG_AGO)
    with app.app_context():
        assert count_dormant(90) == Count(3, exact=True)
        monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 2)
        assert count_dormant(90) == Count(2, exact=False)


def test_the_report_lists_the_longest_absence_first(jobs: Jobs, past: Past) -> None:
    past(LONG_AGO, name="Зоя", email="zoya@example.com", last_sign_in_at=datetime(2028, 3, 1, 9, 30, 5, tzinfo=UTC))
    past(LONG_AGO, name="Seán, Jr", email="sean@example.com", username="sean", roles=[OWNER])
    past(LONG_AGO, name="Ян", email="yan@example.com", last_sign_in_at=datetime(2028, 2, 1, tzinfo=UTC))
    past(LONG_AGO, name="Here", last_sign_in_at=NOW)
    job = jobs.run("dormant.report")
    assert (job.state, job.result, job.done, job.total) == ("done", {"people": 3}, 3, 3)
    name, content_type, content = jobs.file(job.id)
    assert (name, content_type) == ("dormant-2030-05-15.csv", "text/csv; charset=utf-8")
    assert content.startswith(b"\xef\xbb\xbfName,")
    created = "2027-01-01 08:00:00"
    assert table(jobs, job.id) == [
        HEADINGS,
        ["Seán, Jr", "sean@example.com", "sean", "", created, "Owner", "1"],
        ["Ян", "yan@example.com", "", "2028-02-01 00:00:00", created, "", "1"],
        ["Зоя", "zoya@example.com", "", "2028-03-01 09:30:05", created, "", "2"],
    ]


def test_the_report_does_not_depend_on_the_chunk_size(jobs: Jobs, past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        came = LONG_AGO + SECOND * (number // 2) if number > 2 else None
        past(LONG_AGO, roles=[OWNER] if number % 3 == 0 else [], last_sign_in_at=came)
    whole = table(jobs, jobs.run("dormant.report").id)
    assert len(whole) == 8
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(tasks, "CHUNK", size)
        job = jobs.run("dormant.report")
        assert (table(jobs, job.id), job.done, job.total) == (whole, 7, 7)


def test_a_report_without_people_has_headings(jobs: Jobs) -> None:
    job = jobs.run("dormant.report")
    assert (job.result, table(jobs, job.id)) == ({"people": 0}, [HEADINGS])


def test_headings_are_in_the_language_of_the_requester(jobs: Jobs) -> None:
    assert table(jobs, jobs.run("dormant.report", locale="ru").id)[0][0] == "Имя"
    assert table(jobs, jobs.run("dormant.report", locale="xx").id)[0][0] == "Name"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


def test_names_that_look_like_formulas_are_escaped(jobs: Jobs, past: Past) -> None:
    past(LONG_AGO, name="=HYPERLINK(1)", email="+x@example.com", username=None)
    past(LONG_AGO, name="Ann =1", email="ann@example.com")
    lines = table(jobs, jobs.run("dormant.report").id)
    assert [line[:2] for line in lines[1:]] == [
        ["'=HYPERLINK(1)", "'+x@example.com"],
        ["Ann =1", "ann@example.com"],
    ]


def test_a_failed_chunk_is_rolled_back_and_repeated(
    app: App, jobs: Jobs, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(5):
        past(LONG_AGO)
    whole = table(jobs, jobs.run("dormant.report").id)
    monkeypatch.setattr(tasks, "CHUNK", 2)
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "_keep", failing_at_second(tasks._keep))
        job_id = jobs.ask("dormant.report")
        assert jobs.work(job_id).state == "waiting"
    assert jobs.file(job_id) is None
    with time_machine.travel(NOW + timedelta(minutes=5)):
        assert jobs.work(job_id).state == "done"
    assert table(jobs, job_id) == whole
    assert parts(app) == 0


def test_a_finished_report_is_not_made_again(jobs: Jobs, past: Past) -> None:
    past(LONG_AGO)
    job = jobs.run("dormant.report")
    before = jobs.file(job.id)
    past(LONG_AGO)
    assert jobs.work(job.id).finished_at == job.finished_at
    assert jobs.file(job.id) == before


def test_people_who_sign_in_between_chunks_are_not_listed(
    app: App, jobs: Jobs, past: Past, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [past(LONG_AGO, name=f"P{number}") for number in range(3)]
    past(LONG_AGO, name="Away for 90 days tomorrow", last_sign_in_at=BEFORE + SECOND)
    monkeypatch.setattr(tasks, "CHUNK", 1)
    kept = tasks._keep

    def meanwhile(place: dict[str, int], lines: object) -> None:
        kept(place, lines)
        if place["part"] == 0:
            clock.shift(timedelta(days=1))
            db.session.execute(update(User).where(User.id == ids[2]).values(last_sign_in_at=NOW))

    monkeypatch.setattr(tasks, "_keep", meanwhile)
    job = jobs.run("dormant.report")
    assert [line[0] for line in table(jobs, job.id)[1:]] == ["P0", "P1"]
    assert (job.done, job.total, jobs.file(job.id)[0]) == (2, 2, "dormant-2030-05-15.csv")


@pytest.mark.parametrize(("there", "listed", "said"), [(3, 3, 0), (4, 4, 0), (5, 4, 1)])
def test_a_too_long_report_is_cut_and_says_so(
    app: App, jobs: Jobs, past: Past, monkeypatch: pytest.MonkeyPatch, there: int, listed: int, said: int
) -> None:
    for _number in range(there):
        past(LONG_AGO)
    monkeypatch.setattr(tasks, "CHUNK", 2)
    monkeypatch.setattr(tasks, "LINES_MAX", 4)
    job = jobs.run("dormant.report")
    assert (len(table(jobs, job.id)), job.result) == (listed + 1, {"people": listed})
    with app.app_context():
        texts = [message.text for message in messages_of(job.id)]
    assert texts == ["The report lists only the first 4 people, longest absence first"] * said


def test_old_unfinished_reports_are_removed(app: App, jobs: Jobs, past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    past(LONG_AGO)
    past(LONG_AGO)
    monkeypatch.setattr(tasks, "CHUNK", 1)
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "_keep", failing_at_second(tasks._keep))
        jobs.run("dormant.report")
    assert parts(app) == 1
    with time_machine.travel(NOW + timedelta(days=89)):
        jobs.run("dormant.report")
        assert parts(app) == 1
    with time_machine.travel(NOW + timedelta(days=91)):
        jobs.run("dormant.report")
        assert parts(app) == 0


def failing_at_second(real: Callable[..., object]) -> Callable[..., object]:
    """Does what `real` does; the second time it fails when that is done."""
    calls: list[int] = []

    def failing(*arguments: object) -> object:
        calls.append(1)
        result = real(*arguments)
        if len(calls) == 2:
            raise RuntimeError("the power is gone")
        return result

    return failing


def parts(app: App) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(ReportPart))


def test_chunks_are_read_by_an_index(app: App) -> None:
    with app.app_context():
        fill(5_000, by=TESTER)
        rows = dormant_after(BEGINNING, before=BEFORE, limit=2000)
    place = (rows[-1].last_sign_in_sort, rows[-1].id)
    assert "ix_users_last_sign_in_sort_id" in explained(app, lambda: dormant_after(place, before=BEFORE, limit=100))
