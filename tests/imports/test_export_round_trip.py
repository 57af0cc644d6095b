"""`users import` reads each file of `users export` without a change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, HELPDESK
from webapp.attributes.services import create_attribute
from webapp.audit.models import AuditRecord
from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat, FileOptions
from webapp.bulk.whole_export import export_people
from webapp.core.ids import new_id
from webapp.core.texts import use_language
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.creating_many import CheckedUser, PlannedUser, check_new_users
from webapp.users.inserting import insert_users
from webapp.users.models import User
from webapp.web.api import App

TEXTS = (
    "=1+1", "+7 495 000-00-00", "-5", "@sum", "＝cmd", "＋1", "－2", "＠x", "'=1", "''＋1", "'tis", '="x"', "'", "''",
    'say "hi", ok', 'a;b|c,"d"', "Пётр Ёжиков", "שרה לוי", "محمد علي", "🙂 Zoë 👩‍👩‍👧", "#1", "# not a comment",
    "_x0041_", "NULL", "1,5", "007", "<b>&amp;</b>", "yes", "0", "sep=;", "$" * 90, "a: b", ": <c", "  two  words ",
)  # fmt: skip
NUMBERS = (0, -5, 1.234, 1234, 10**15, 0.1 + 0.2, -0.5, 1.5e-7, 12345678901234, None)
DATES = ("2026-02-03", "1950-12-31", "2099-01-01", None)
START = datetime(2026, 3, 1, 9, 30, 15, 250_001, tzinfo=UTC)
COUNT = 120
FILES = (("csv", "labels"), ("csv", "keys"), ("xlsx", "labels"), ("xlsx", "keys"), ("jsonl", "keys"), ("ldif", "keys"))


@pytest.fixture
def everyone(app: App, people: People, access: Access, monkeypatch: pytest.MonkeyPatch) -> int:
    """Create people with every kind of value, who are exported in batches of 50. Return how many there are."""
    monkeypatch.setattr("webapp.bulk.whole_export.BATCH", 50)
    boss = people.create(email="boss@example.com", name="O’Neil, Boss")
    groups = [access.group(name) for name in ("Sales, North; “A”", '=5" | x', "Север", "Plain")]
    with app.app_context():
        _create_attributes()
        planned = [_planned(n, boss.email, groups) for n in range(COUNT)]
        checked = check_new_users(planned, by=TESTER)
        users = [user for user in checked if isinstance(user, CheckedUser)]
        assert len(users) == COUNT, [error for error in checked if not isinstance(error, CheckedUser)]
        with transaction():
            assert not insert_users(users, by=TESTER)
    access.grant(AUDITOR, user_id=boss.id)
    return COUNT + 1


def _create_attributes() -> None:
    kinds = {"note": "text", "floor": "number", "born_on": "date", "remote": "yes_no", "manager": "person"}
    for key, kind in kinds.items():
        create_attribute(key=key, kind=kind, label_en=key.title(), label_ru=f"Поле {key}", by=TESTER)
    choices = [{"value": "a, b", "label_en": "Red; dark", "label_ru": "Красный"}]
    create_attribute(key="user_id", kind="choice", label_en="Colour", label_ru="Цвет", choices=choices, by=TESTER)


def _planned(number: int, boss: str, groups: list[UUID]) -> PlannedUser:
    """Return a person. Every fifth one has nothing but a name and an address."""
    text = TEXTS[number % len(TEXTS)]
    identity: dict[str, Any] = {"id": new_id(), "email": f"+p{number}@example.com", "name": text}
    if number % 5 == 0:
        return PlannedUser(**identity)
    values = {"note": text, "floor": NUMBERS[number % len(NUMBERS)], "born_on": DATES[number % len(DATES)]}
    values |= {"remote": number % 2 == 0, "manager": boss, "user_id": "a, b"}
    return PlannedUser(
        **identity,
        username=f"p-{number}",
        deactivated=number % 7 == 0,
        starts_at=START,
        ends_at=START + timedelta(days=40_000) if number % 3 else None,
        attributes={key: value for key, value in values.items() if value is not None},
        groups=groups[number % 4 : number % 4 + 1 + number % 2],
        roles=[(HELPDESK, groups[number % 4])] if number % 6 == 0 else [],
    )


def outcome(app: App, file: Path) -> dict[str, Any]:
    arguments = ["users", "import", str(file), "--mode", "upsert", "--dry-run", "--json"]
    counts = json.loads(app.test_cli_runner().invoke(args=arguments).stdout)
    return {name: value for name, value in counts.items() if value and name not in {"encoding", "notes", "ignored"}}


def test_each_format_is_read_without_a_change(app: App, everyone: int, tmp_path: Path) -> None:
    for format_, headings in FILES:
        file = tmp_path / f"people-{headings}.{format_}"
        arguments = ["users", "export", "--format", format_, "--headings", headings, str(file)]
        result = app.test_cli_runner().invoke(args=arguments)
        assert (result.exit_code, result.stderr) == (0, f"{everyone} people exported.\n")
        assert outcome(app, file) == {"unchanged": everyone}, (format_, headings)
    with app.app_context():
        exports = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "users.exported"))
        recorded = sorted(record.changes["format"][1] for record in exports)
    assert recorded == sorted(format_ for format_, _headings in FILES)


@pytest.mark.one_engine
def test_russian_headings_are_read_without_a_change(app: App, everyone: int, tmp_path: Path) -> None:
    for format_ in (FileFormat.CSV, FileFormat.XLSX):
        file = tmp_path / f"people.{format_.value}"
        with app.app_context(), use_language("ru"), file.open("wb") as target:
            export_people(target, select(User), options=FileOptions(format_, Headings.LABELS), by=TESTER)
        assert outcome(app, file) == {"unchanged": everyone}
