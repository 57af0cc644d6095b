"""What was previewed is done, and nothing else."""

from __future__ import annotations

from tests.browser_session import Browser
from tests.bulk.conftest import Bulk, status
from tests.factories import People
from webapp.core.api import App
from webapp.users.schemas import UserOut


def test_many_are_deactivated_as_one(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "3 people will change" in page
    assert status(people, *three) == ["active"] * 3
    assert bulk.apply(owner, bulk_id).status_code == 303
    assert status(people, *three) == ["deactivated"] * 3
    assert set(bulk.outcomes(bulk_id).values()) == {"done"}
    assert "3 people were changed." in owner.get(f"/bulk/{bulk_id}").text
