"""A job finds accounts that may belong to one person."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.clients import Browser
from tests.duplicates.finding import add_phone, find_duplicates, only_pair, open_pairs
from tests.factories import TESTER, People
from webapp.bin.services import delete_user
from webapp.db.session import db
from webapp.duplicates import tasks
from webapp.duplicates.likeness import PEOPLE_MAX, Kind
from webapp.duplicates.models import DuplicateKey
from webapp.users.services import update_user
from webapp.web.api import App

ALIKE = [
    ({"name": "Анна Иванова"}, {"name": "Анна Иванова"}, "Same name"),
    ({"name": "Анна Иванова"}, {"name": "Иванова Анна"}, "Same name in another order"),
    ({"name": "Анна Петровна Иванова"}, {"name": "Иванова Анна"}, "Same name, one without the patronymic"),
    ({"name": "Алексей Щукин"}, {"name": "Aleksei Shchukin"}, "Same name in Latin and in Cyrillic letters"),
    ({"name": "Alexey Schukin"}, {"name": "Aleksei Shchukin"}, "Names that sound alike"),
    ({"name": "Сара Оат"}, {"name": "Capa Oat"}, "Names that look the same in Latin and Cyrillic letters"),
    ({"email": "anna@example.com"}, {"email": "Anna+hr@example.com"},
     "E-mail addresses that differ only after the plus"),
    ({"email": "anna.i@gmail.com"}, {"email": "annai@gmail.com"}, "E-mail addresses that differ only in dots"),
    ({"email": "capa@example.com"}, {"email": "сара@example.com"},
     "E-mail addresses that look the same in Latin and Cyrillic letters"),
    ({"email": "anna.ivanova@example.com"}, {"email": "anna.ivanova@example.org"},
     "“anna.ivanova” before the @ in both e-mail addresses"),
]  # fmt: skip
DIFFERENT = [
    ({"name": "Анна Петровна Иванова"}, {"name": "Анна Сергеевна Иванова"}),
    ({"name": "Anna"}, {"name": "Anna"}),
    ({"email": "info@example.com"}, {"email": "info@example.org"}),
    ({"email": "anna@example.com"}, {"email": "anna@example.org"}),
    ({"email": "anna.i@example.com"}, {"email": "annai@example.com"}),
]


@pytest.mark.parametrize(("one", "other", "reason"), ALIKE)
def test_two_accounts_of_one_person_are_found(
    app: App, owner: Browser, people: People, one: dict[str, Any], other: dict[str, Any], reason: str
) -> None:
    ids = sorted([people.create(**one).id, people.create(**other).id])
    find_duplicates(app)
    assert sorted(only_pair(app).user_ids) == ids
    assert f"<li>{reason}</li>" in owner.get("/duplicates").text.replace("\n", "").replace("          ", "")


@pytest.mark.one_engine
@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_people_are_not_found(app: App, people: People, one: dict[str, Any], other: dict[str, Any]) -> None:
    people.create(**one)
    people.create(**other)
    find_duplicates(app)
    assert open_pairs(app) == []


def test_the_same_phone_number_is_found_however_it_is_written(app: App, owner: Browser, people: People) -> None:
    add_phone(app)
    people.create(attributes={"phone": "+7 (900) 123-45-67"})
    people.create(attributes={"phone": "89001234567"})
    people.create(attributes={"phone": "112"})
    people.create(attributes={"phone": "112"})
    find_duplicates(app)
    assert only_pair(app).strength == 45
    assert "Same value of “Phone”" in owner.get("/duplicates").text


@pytest.mark.one_engine
def test_a_value_that_the_viewer_may_not_see_is_not_named(app: App, people: People, access: Any) -> None:
    add_phone(app, visible_to="administrators", editable_by="administrators")
    for _number in range(2):
        people.create(attributes={"phone": "+7 900 123-45-67"})
    find_duplicates(app)
    editor = access.person("Editor", roles=[access.role("Editor", "users.read", "users.edit")])
    page = access.browser_of(editor).get("/duplicates").text
    assert "Same value in a field that you cannot see" in page
    assert "Phone" not in page


@pytest.mark.one_engine
def test_what_many_people_share_is_no_evidence_alone(app: App, people: People) -> None:
    number = PEOPLE_MAX[Kind.NAME] + 1
    created = [people.create(name="Ольга Смирнова", email=f"smirnova{each}@example.com") for each in range(number)]
    find_duplicates(app)
    assert open_pairs(app) == []
    people.create(name="Ольга Смирнова", email="smirnova0@example.org")
    find_duplicates(app)
    assert created[0].id in only_pair(app).user_ids
    assert only_pair(app).strength == 65


def test_pairs_follow_the_people(app: App, people: People) -> None:
    one, other, third = (people.create(name="Анна Иванова") for _number in range(3))
    find_duplicates(app)
    assert len(open_pairs(app)) == 3
    with app.app_context():
        update_user(one.id, name="Анна Каренина", by=TESTER)
        delete_user(third.id, by=TESTER)
    find_duplicates(app)
    assert open_pairs(app) == []
    with app.app_context():
        update_user(one.id, name="Anna Ivanova", by=TESTER)
    find_duplicates(app)
    assert set(only_pair(app).user_ids) == {one.id, other.id}


def test_the_chunks_of_the_job_find_the_same_and_leave_no_keys(
    app: App, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "CHUNK", 2)
    monkeypatch.setattr(tasks, "COMPARED", 1)
    for name in ("Анна Иванова", "Anna Ivanova", "Борис Орлов", "Борис Орлов", "Вера Лис"):
        people.create(name=name)
    find_duplicates(app)
    assert [pair.strength for pair in open_pairs(app)] == [30, 28]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DuplicateKey)) == 0


@pytest.mark.one_engine
def test_a_run_with_too_many_pairs_ends_early(app: App, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PAIRS_MAX", 1)
    people.create(email="anna@example.com", name="Анна Иванова")
    people.create(email="anna+1@example.com", name="Борис Орлов")
    people.create(name="Анна Иванова")
    find_duplicates(app)
    assert only_pair(app).strength == 60
