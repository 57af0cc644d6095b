"""The mode that makes Rollcall match the file, and its limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.imports.conftest import Importer, Imports

ANNA = "email,name\nanna@example.com,Anna\n"


@pytest.fixture
def two(people: People) -> None:
    people.create(email="anna@example.com", name="Anna", password=people.password)
    people.create(email="boris@example.com", name="Boris", password=people.password)


@pytest.mark.usefixtures("two")
def test_people_who_are_missing_are_deactivated_and_come_back(owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, ANNA, mode="match", threshold="50")
    assert imports.get(import_id).counts == {"unchanged": 1, "deactivate": 1}
    imports.apply(owner, import_id)
    assert people.row(email="boris@example.com")["status"] == "deactivated"  # type: ignore[index]  the row exists
    # The owner, who imported, is never missing.
    assert people.row(email="olga@example.com")["status"] == "active"  # type: ignore[index]  the row exists
    owner.post(f"/imports/{import_id}/undo")
    assert people.row(email="boris@example.com")["status"] == "active"  # type: ignore[index]  the row exists


@pytest.mark.usefixtures("two")
def test_undo_requires_a_reason_if_its_action_does(
    owner: Browser, imports: Imports, people: People, change_settings: Callable[..., None]
) -> None:
    import_id = imports.preview(owner, ANNA, mode="match", threshold="50")
    imports.apply(owner, import_id)
    change_settings(reason_required=["user.reactivated"])
    assert 'name="reason"' in owner.get(f"/imports/{import_id}").text
    before = people.row_counts()
    assert owner.post(f"/imports/{import_id}/undo").status_code == 422
    assert people.row_counts() == before
    owner.post(f"/imports/{import_id}/undo", reason="Mistake")
    assert people.row(email="boris@example.com")["status"] == "active"  # type: ignore[index]  the row exists


@pytest.mark.usefixtures("two")
def test_too_many_missing_people_stop_the_import(owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, ANNA, mode="match", threshold="10")
    assert "more than 10 percent" in owner.get(f"/imports/{import_id}").text
    assert imports.apply(owner, import_id).status_code == 400
    assert people.row(email="boris@example.com")["status"] == "active"  # type: ignore[index]  the row exists


@pytest.mark.usefixtures("two")
def test_a_row_that_cannot_be_read_protects_everyone(owner: Browser, imports: Imports) -> None:
    import_id = imports.preview(owner, ANNA + "boris,Boris\n", mode="match", threshold="100")
    assert imports.get(import_id).counts == {"unchanged": 1, "refused": 1}
    assert "No one will be deactivated" in owner.get(f"/imports/{import_id}").text


@pytest.mark.usefixtures("two")
def test_the_last_owner_stays(importer: Importer, people: People) -> None:
    people.owner()
    result = importer(ANNA, "--mode", "match", "--threshold", "100")
    assert (result["deactivate"], result["refused"]) == (1, 1)
    assert "last active owner" in result["rows"][0]["reason"]
    assert people.row(email="olga@example.com")["status"] == "active"  # type: ignore[index]  the row exists
