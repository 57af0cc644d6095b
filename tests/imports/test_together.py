"""Updates, deactivations and undo of many people in few statements, with the same results as one by one."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.imports.conftest import Imports
from tests.query_counter import captured_queries
from webapp.web.api import App

HEADINGS = "email,name\n"


def file_of(number: int, name: str) -> str:
    return HEADINGS + "".join(f"person{each}@example.com,{name} {each}\n" for each in range(number))


@pytest.fixture
def crowd(people: People) -> list[UUID]:
    return [people.create(email=f"person{each}@example.com", name=f"Person {each}").id for each in range(12)]


@pytest.mark.usefixtures("crowd")
@pytest.mark.one_engine
def test_the_number_of_reads_does_not_grow_with_the_number_of_people(
    app: App, owner: Browser, imports: Imports
) -> None:
    reads: list[int] = []
    # The first one fills caches.
    for number, name in ((1, "One"), (2, "Few"), (12, "Many")):
        import_id = imports.preview(owner, file_of(number, name), mode="update")
        with captured_queries(app) as applying:
            imports.apply(owner, import_id)
        with captured_queries(app) as undoing:
            owner.post(f"/imports/{import_id}/undo")
        assert imports.outcomes(import_id) == ["undone"] * number
        reads.append(sum(query.startswith("SELECT") for query in (*applying, *undoing)))
    # Ten people more. One by one, each needs several reads. Sessions and caches read something now and then.
    assert reads[2] - reads[1] < 5


def test_each_person_has_a_record_of_the_change_and_of_its_undo(
    owner: Browser, imports: Imports, crowd: list[UUID], people: People
) -> None:
    import_id = imports.preview(owner, file_of(2, "Other"), mode="update")
    imports.apply(owner, import_id)
    owner.post(f"/imports/{import_id}/undo")
    assert people.audit_trail(crowd[0])[-2:] == [
        ("user.updated", {"name": ["Person 0", "Other 0"]}),
        ("user.updated", {"name": ["Other 0", "Person 0"]}),
    ]


def test_a_person_who_changed_after_the_preview_is_left_out_and_the_others_are_changed(
    owner: Browser, imports: Imports, crowd: list[UUID], people: People
) -> None:
    import_id = imports.preview(owner, file_of(3, "Other"), mode="update")
    people.rename(crowd[1], "Meanwhile")
    imports.apply(owner, import_id)
    assert imports.outcomes(import_id) == ["updated", "overtaken", "updated"]
    assert [people.row(id=each)["name"] for each in crowd[:3]] == ["Other 0", "Meanwhile", "Other 2"]  # type: ignore[index]  the rows exist


def test_undo_keeps_the_later_change_of_one_of_many(
    owner: Browser, imports: Imports, crowd: list[UUID], people: People
) -> None:
    import_id = imports.preview(owner, file_of(3, "Other"), mode="update")
    imports.apply(owner, import_id)
    people.rename(crowd[1], "Later")
    owner.post(f"/imports/{import_id}/undo")
    assert imports.outcomes(import_id) == ["undone", "kept", "undone"]
    assert [people.row(id=each)["name"] for each in crowd[:3]] == ["Person 0", "Later", "Person 2"]  # type: ignore[index]  the rows exist


def test_undo_of_created_people_keeps_those_with_more_to_check(
    owner: Browser, imports: Imports, people: People
) -> None:
    import_id = imports.preview(owner, file_of(3, "New"))
    imports.apply(owner, import_id)
    people.delete(people.row(email="person1@example.com")["id"])  # type: ignore[index]  the row exists
    owner.post(f"/imports/{import_id}/undo")
    assert imports.outcomes(import_id) == ["undone", "kept", "undone"]
    assert people.audit_trail(people.row(email="person0@example.com")["id"])[-1] == (  # type: ignore[index]  it exists
        "user.deleted",
        {"status": ["invited", "deleted"]},
    )
    again = imports.preview(owner, file_of(3, "New"))
    imports.apply(owner, again)
    assert imports.outcomes(again) == ["created"] * 3


@pytest.mark.usefixtures("crowd")
def test_a_change_that_needs_more_checks_is_made_beside_the_others(owner: Browser, imports: Imports) -> None:
    text = "email,name,status\nperson0@example.com,Other,\nperson1@example.com,Other,deactivated\n"
    import_id = imports.preview(owner, text, mode="update")
    imports.apply(owner, import_id)
    assert imports.outcomes(import_id) == ["updated"] * 2
    owner.post(f"/imports/{import_id}/undo")
    assert imports.outcomes(import_id) == ["undone"] * 2
