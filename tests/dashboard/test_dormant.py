"""Dormant accounts: their number, and the report."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, update

from tests.dashboard.conftest import CreateUserAt, Jobs, query_plan
from tests.factories import TESTER
from webapp.access.models import OWNER
from webapp.dashboard import dormant_report, tasks
from webapp.dashboard.dormant import Cursor, count_dormant, list_dormant, select_dormant
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.demo.services import fill
from webapp.jobs.models import JobFilePart
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


def report_rows(jobs: Jobs, job_id: object) -> list[list[str]]:
    _name, _type, content = jobs.file(job_id)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def dormant_names(app: App) -> list[str]:
    with app.app_context():
        return [user.name for user in db.session.scalars(select_dormant(BEFORE).order_by(User.name))]


def test_dormant_people_are_active_and_have_not_signed_in(app: App, create_user_at: CreateUserAt) -> None:
    create_user_at(LONG_AGO, name="Away", last_sign_in_at=BEFORE - SECOND)
    create_user_at(LONG_AGO, name="Never came")
    create_user_at(LONG_AGO, name="Came", last_sign_in_at=BEFORE)
    create_user_at(BEFORE, name="New, never came")
    with app.app_context():
        deactivate_user(create_user_at(LONG_AGO, name="Deactivated"), by=TESTER)
    invited = create_user_at(LONG_AGO, name="Invited")
    with app.app_context(), transaction():
        db.session.execute(update(User).where(User.id == invited).values(password_hash=None))
    assert dormant_names(app) == ["Away", "Never came"]


def test_dormant_people_are_counted_up_to_a_limit(
    app: App, create_user_at: CreateUserAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        create_user_at(LONG_AGO)
    with app.app_context():
        assert count_dormant(90) == Count(3, exact=True)
        monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 2)
        assert count_dormant(90) == Count(2, exact=False)


def test_the_report_lists_the_longest_absence_first(jobs: Jobs, create_user_at: CreateUserAt) -> None:
    create_user_at(
        LONG_AGO, name="Зоя", email="zoya@example.com", last_sign_in_at=datetime(2028, 3, 1, 9, 30, 5, tzinfo=UTC)
    )
    create_user_at(LONG_AGO, name="Seán, Jr", email="sean@example.com", username="sean", roles=[OWNER])
    create_user_at(LONG_AGO, name="Ян", email="yan@example.com", last_sign_in_at=datetime(2028, 2, 1, tzinfo=UTC))
    create_user_at(LONG_AGO, name="Here", last_sign_in_at=NOW)
    job = jobs.run("dormant.report")
    assert (job.state, job.result, job.done, job.total) == ("done", {"people": 3}, 3, 3)
    name, content_type, content = jobs.file(job.id)
    assert (name, content_type) == ("dormant-2030-05-15.csv", "text/csv; charset=utf-8")
    assert content.startswith(b"\xef\xbb\xbfName,")
    created = "2027-01-01 08:00:00"
    assert report_rows(jobs, job.id) == [
        HEADINGS,
        ["Seán, Jr", "sean@example.com", "sean", "", created, "Owner", "1"],
        ["Ян", "yan@example.com", "", "2028-02-01 00:00:00", created, "", "1"],
        ["Зоя", "zoya@example.com", "", "2028-03-01 09:30:05", created, "", "2"],
    ]


def test_the_report_does_not_depend_on_the_chunk_size(
    jobs: Jobs, create_user_at: CreateUserAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        last_sign_in_at = LONG_AGO + SECOND * (number // 2) if number > 2 else None
        create_user_at(LONG_AGO, roles=[OWNER] if number % 3 == 0 else [], last_sign_in_at=last_sign_in_at)
    complete = report_rows(jobs, jobs.run("dormant.report").id)
    assert len(complete) == 8
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(dormant_report, "CHUNK_SIZE", size)
        job = jobs.run("dormant.report")
        assert (report_rows(jobs, job.id), job.done, job.total) == (complete, 7, 7)


def test_a_report_without_people_has_headings(jobs: Jobs) -> None:
    job = jobs.run("dormant.report")
    assert (job.result, report_rows(jobs, job.id)) == ({"people": 0}, [HEADINGS])


def test_headings_are_in_the_language_of_the_requester(jobs: Jobs) -> None:
    assert report_rows(jobs, jobs.run("dormant.report", locale="ru").id)[0][0] == "Имя"
    assert report_rows(jobs, jobs.run("dormant.report", locale="xx").id)[0][0] == "Name"


def test_names_that_look_like_formulas_are_escaped(jobs: Jobs, create_user_at: CreateUserAt) -> None:
    create_user_at(LONG_AGO, name="=HYPERLINK(1)", email="+x@example.com", username=None)
    create_user_at(LONG_AGO, name="Ann =1", email="ann@example.com")
    lines = report_rows(jobs, jobs.run("dormant.report").id)
    assert [line[:2] for line in lines[1:]] == [
        ["'=HYPERLINK(1)", "'+x@example.com"],
        ["Ann =1", "ann@example.com"],
    ]


def test_a_failed_chunk_is_rolled_back_and_repeated(
    app: App, jobs: Jobs, create_user_at: CreateUserAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(5):
        create_user_at(LONG_AGO)
    complete = report_rows(jobs, jobs.run("dormant.report").id)
    monkeypatch.setattr(dormant_report, "CHUNK_SIZE", 2)
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "save_part", failing_at_second_call(tasks.save_part))
        job_id = jobs.enqueue("dormant.report")
        assert jobs.work_on(job_id).state == "waiting"
    assert jobs.file(job_id) is None
    with time_machine.travel(NOW + timedelta(minutes=5)):
        assert jobs.work_on(job_id).state == "done"
    assert report_rows(jobs, job_id) == complete
    assert count_parts(app) == 0


def test_a_finished_report_is_not_made_again(jobs: Jobs, create_user_at: CreateUserAt) -> None:
    create_user_at(LONG_AGO)
    job = jobs.run("dormant.report")
    before = jobs.file(job.id)
    create_user_at(LONG_AGO)
    assert jobs.work_on(job.id).finished_at == job.finished_at
    assert jobs.file(job.id) == before


def test_people_who_sign_in_between_chunks_are_not_listed(
    app: App, jobs: Jobs, create_user_at: CreateUserAt, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [create_user_at(LONG_AGO, name=f"P{number}") for number in range(3)]
    create_user_at(LONG_AGO, name="Away for 90 days tomorrow", last_sign_in_at=BEFORE + timedelta(hours=13))
    monkeypatch.setattr(dormant_report, "CHUNK_SIZE", 1)
    save_part = tasks.save_part

    def save_and_change_people(job_id: UUID, number: int, content: bytes, **options: Any) -> None:
        save_part(job_id, number, content, **options)
        if number == 0:
            clock.shift(timedelta(days=1))
            db.session.execute(update(User).where(User.id == ids[2]).values(last_sign_in_at=NOW))

    monkeypatch.setattr(tasks, "save_part", save_and_change_people)
    job = jobs.run("dormant.report")
    assert [line[0] for line in report_rows(jobs, job.id)[1:]] == ["P0", "P1"]
    assert (job.done, job.total, jobs.file(job.id)[0]) == (2, 2, "dormant-2030-05-15.csv")


@pytest.mark.parametrize(("dormant", "listed", "messages"), [(3, 3, 0), (4, 4, 0), (5, 4, 1)])
def test_a_report_with_too_many_people_is_cut_and_has_a_message(
    app: App,
    jobs: Jobs,
    create_user_at: CreateUserAt,
    monkeypatch: pytest.MonkeyPatch,
    dormant: int,
    listed: int,
    messages: int,
) -> None:
    for _number in range(dormant):
        create_user_at(LONG_AGO)
    monkeypatch.setattr(dormant_report, "CHUNK_SIZE", 2)
    monkeypatch.setattr(dormant_report, "LINES_MAX", 4)
    job = jobs.run("dormant.report")
    assert (len(report_rows(jobs, job.id)), job.result) == (listed + 1, {"people": listed})
    with app.app_context():
        texts = [message.text for message in messages_of(job.id)]
    assert texts == ["The report lists only the first 4 people, longest absence first"] * messages


def failing_at_second_call(function: Callable[..., object]) -> Callable[..., object]:
    """Return a function that calls `function`. After the second call it raises an error."""
    calls: list[int] = []

    def call(*arguments: object, **options: object) -> object:
        calls.append(1)
        result = function(*arguments, **options)
        if len(calls) == 2:
            raise RuntimeError("the worker failed")
        return result

    return call


def count_parts(app: App) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(JobFilePart))


def test_chunks_are_read_by_an_index(app: App) -> None:
    with app.app_context():
        fill(2_000, by=TESTER)
        last = list_dormant(BEFORE, limit=500)[-1]
    cursor = Cursor(last.last_sign_in_sort, last.id)
    plan = query_plan(app, lambda: list_dormant(BEFORE, after=cursor, limit=100))
    assert "ix_users_last_sign_in_sort_id" in plan
