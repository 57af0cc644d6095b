"""Two accounts of one person become one, and one undo takes it back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.clients import Browser
from tests.duplicates.finding import add_phone, find_duplicates, only_pair
from tests.factories import TESTER, People
from tests.photos.pictures import picture
from webapp.access.models import AUDITOR, OWNER
from webapp.attributes.services import create_attribute
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.bin.services import restore_user
from webapp.core.errors import Refused
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.duplicates.merging import MergeChoices, merge_users
from webapp.notes.models import Note
from webapp.notes.services import add_note
from webapp.photos.queries import current_digest
from webapp.photos.services import set_photo
from webapp.users.models import FormerIdentity
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App

TAKEN = ("email", "username", "attributes.phone", "photo")


@pytest.fixture
def kept(people: People) -> UserOut:
    return people.create(name="Анна Иванова", email="anna@example.com", password=people.password)


@pytest.fixture
def merged(app: App, people: People, access: Access, kept: UserOut) -> UserOut:
    """Return an account with everything that a merge moves. Борис has it as manager."""
    add_phone(app, unique=True)
    with app.app_context():
        create_attribute(key="manager", kind="person", label_en="Manager", label_ru="Руководитель", by=TESTER)
    created = people.create(
        name="Anna Ivanova",
        email="anna@example.org",
        username="ivanova",
        attributes={"phone": "+7 900 123-45-67"},
        roles=[AUDITOR],
    )
    access.add_member(access.group("North"), created.id)
    people.create(name="Борис", email="boris@example.com", attributes={"manager": str(created.id)})
    with app.app_context():
        update_user(created.id, email="ivanova@example.org", by=TESTER)
        add_note(created.id, text="Called on Monday", by=TESTER)
        set_photo(created.id, picture(), by=TESTER)
    find_duplicates(app)
    return created


def fields_of(people: People, kept: UserOut, merged: UserOut, *take: str, **more: Any) -> dict[str, Any]:
    """Return the fields of the form that keeps `kept`."""
    ids = sorted([kept.id, merged.id])
    sides = {kept.id: ("one", "other")[ids.index(kept.id)], merged.id: ("one", "other")[ids.index(merged.id)]}
    versions = {f"{sides[user_id]}_version": row["version"] for user_id in ids if (row := people.row(id=user_id))}
    return {"keep": sides[kept.id]} | versions | {f"value.{name}": sides[merged.id] for name in take} | more


def state_of(app: App, people: People, *user_ids: UUID) -> list[Any]:
    """Return what a merge changes, without versions and times."""
    changing = {"version", "updated_at", "sessions_since", "tokens_since", "deleted_by_name"}
    rows = [people.row(id=user_id) or {} for user_id in user_ids]
    with app.app_context():
        notes = db.session.execute(select(Note.user_id, Note.text).order_by(Note.id)).all()
        former = db.session.execute(
            select(FormerIdentity.user_id, FormerIdentity.key).order_by(FormerIdentity.id)
        ).all()
        photos = [current_digest(user_id) for user_id in user_ids]
    return [[{k: v for k, v in row.items() if k not in changing} for row in rows], notes, former, photos]


def merge_record(app: App) -> UUID:
    with app.app_context():
        return db.session.scalars(select(AuditRecord.id).where(AuditRecord.action == Action.MERGE_KEPT)).one()


def test_a_merge_takes_what_was_chosen(
    app: App, owner: Browser, people: People, access: Access, kept: UserOut, merged: UserOut
) -> None:
    page = owner.get(f"/duplicates/{only_pair(app).id}").text
    grants = [part.partition('"')[0] for part in page.split('name="grants" value="')[1:]]
    groups = [part.partition('"')[0] for part in page.split('name="memberships" value="')[1:]]
    fields = fields_of(people, kept, merged, *TAKEN, grants=grants, memberships=groups)
    response = owner.post(f"/duplicates/{only_pair(app).id}/merge", **fields)
    assert response.location == f"/users/{kept.id}"
    row, other = people.row(id=kept.id), people.row(id=merged.id)
    assert row
    assert other
    assert (row["name"], row["email"], row["username"]) == ("Анна Иванова", "ivanova@example.org", "ivanova")
    assert row["attributes"] == {"phone": "+7 900 123-45-67"}
    assert (other["status"], other["merged_into_id"]) == ("deleted", kept.id)
    boris = people.row(email="boris@example.com")
    assert boris
    assert boris["attributes"]["manager"] == str(kept.id)
    page = owner.get(f"/users/{kept.id}").text
    for text in ("Auditor", "North", "Called on Monday", "anna@example.org", "Undo"):
        assert text in page
    assert "Merged into <a" in owner.get(f"/users/{merged.id}").text


def test_one_undo_takes_it_back_completely(
    app: App, owner: Browser, people: People, access: Access, kept: UserOut, merged: UserOut
) -> None:
    boris = people.row(email="boris@example.com")
    assert boris
    ids = (kept.id, merged.id, boris["id"])
    before, powers = state_of(app, people, *ids), access.powers_of(kept.id)
    with app.app_context():
        merge_users(kept.id, merged.id, choices=MergeChoices(frozenset(TAKEN)), by=TESTER)
    assert state_of(app, people, *ids) != before
    assert access.powers_of(kept.id) != powers
    assert owner.post(f"/audit/{merge_record(app)}/undo").status_code == 303
    assert state_of(app, people, *ids) == before
    assert access.powers_of(kept.id) == powers
    assert [people.audit_trail(user_id)[-1][0] for user_id in ids[:2]] == ["merge.undone"] * 2
    assert owner.post(f"/audit/{merge_record(app)}/undo").status_code == 409
    assert people.row_counts()["user_merges"] == 0
    assert only_pair(app)


def test_search_and_audit_trail_show_both(
    app: App, owner: Browser, people: People, kept: UserOut, merged: UserOut
) -> None:
    with app.app_context():
        merge_users(kept.id, merged.id, choices=MergeChoices(), by=TESTER)
    for text in ("ivanova@example.org", "anna@example.org", "Anna Ivanova"):
        assert f'href="/users/{kept.id}' in owner.get("/users", query_string={"q": text}).text
    trail = owner.get(f"/users/{kept.id}/activity?limit=200").text
    assert "Role given: " in trail
    assert "Merged into another user: " in trail
    assert f'href="/users/{merged.id}"' in trail


@pytest.mark.one_engine
def test_a_person_who_was_restored_by_hand_stays_as_they_are(
    app: App, owner: Browser, people: People, kept: UserOut, merged: UserOut
) -> None:
    with app.app_context():
        merge_users(kept.id, merged.id, choices=MergeChoices(), by=TESTER)
        restore_user(merged.id, by=TESTER)
    before = people.row_counts()
    assert owner.post(f"/audit/{merge_record(app)}/undo").status_code == 409
    assert people.row_counts() == before
    row = people.row(id=merged.id)
    assert row
    assert row["merged_into_id"] is None


@pytest.mark.one_engine
def test_a_later_change_stops_the_undo(
    app: App, owner: Browser, people: People, kept: UserOut, merged: UserOut
) -> None:
    with app.app_context():
        merge_users(kept.id, merged.id, choices=MergeChoices(frozenset({"username"})), by=TESTER)
        update_user(kept.id, username="another", by=TESTER)
    before = people.row_counts()
    assert owner.post(f"/audit/{merge_record(app)}/undo").status_code == 409
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "change", [{"one_version": 99}, {"other_version": 99}, {"other_version": ""}, {"keep": "both"}]
)
def test_a_form_that_is_out_of_date_or_incomplete_changes_nothing(
    app: App, owner: Browser, people: People, kept: UserOut, merged: UserOut, change: dict[str, Any]
) -> None:
    fields, before = fields_of(people, kept, merged, "email"), people.row_counts()
    response = owner.post(f"/duplicates/{only_pair(app).id}/merge", **fields | change)
    assert response.status_code == (409 if 99 in change.values() else 422)
    assert "There is a problem" in response.text
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_the_second_of_two_merges_is_refused(
    app: App, owner: Browser, people: People, kept: UserOut, merged: UserOut
) -> None:
    path, fields = f"/duplicates/{only_pair(app).id}/merge", fields_of(people, kept, merged)
    assert owner.post(path, **fields).status_code == 303
    before = people.row_counts()
    assert owner.post(path, **fields).status_code == 404
    with app.app_context(), pytest.raises(Exception, match="deleted"):
        merge_users(merged.id, kept.id, choices=MergeChoices(), by=TESTER)
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_the_last_owner_stays(app: App, people: People, access: Access) -> None:
    only, other = access.person("Only", roles=[OWNER]), people.create()
    grants = frozenset[UUID]()
    before = people.row_counts()
    with app.app_context(), pytest.raises(Exception, match="last active owner"):
        merge_users(other.id, only.id, choices=MergeChoices(grant_ids=grants), by=TESTER)
    assert people.row_counts() == before
    with app.app_context(), pytest.raises(Exception, match="last active owner"):
        merge_users(other.id, only.id, choices=MergeChoices(), by=TESTER)


@pytest.fixture
def limited(access: Access, kept: UserOut, merged: UserOut) -> UserOut:
    """Return a person who may edit and delete the people in a group that has both accounts."""
    both, person = access.group("Both"), access.person("Limited")
    access.grant(access.role("Editor", "users.read", "users.edit", "users.delete"), user_id=person.id, scope_id=both)
    for user in (kept, merged):
        access.add_member(both, user.id)
    return person


@pytest.mark.one_engine
def test_no_one_moves_roles_that_they_may_not_give(
    app: App, access: Access, people: People, kept: UserOut, merged: UserOut, limited: UserOut
) -> None:
    browser, path = access.browser_of(limited), f"/duplicates/{only_pair(app).id}/merge"
    fields, before = fields_of(people, kept, merged), people.row_counts()
    response = browser.post(path, **fields)
    assert response.status_code == 403
    assert "permissions you do not have" in response.text
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_people_of_other_groups_cannot_be_merged(
    app: App, access: Access, people: People, kept: UserOut, limited: UserOut
) -> None:
    stranger = people.create(name="Анна Иванова", email="stranger@example.com")
    by, before = Actor(ActorKind.USER, "Limited", limited.id), people.row_counts()
    with app.app_context(), pytest.raises(Exception, match="does not exist"):
        merge_users(kept.id, stranger.id, choices=MergeChoices(), by=by)
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_readers_of_the_pair_cannot_merge(
    app: App, access: Access, people: People, kept: UserOut, merged: UserOut
) -> None:
    editor = access.browser_of(access.person("Editor", roles=[access.role("E", "users.read", "users.edit")]))
    path, before = f"/duplicates/{only_pair(app).id}", people.row_counts()
    assert "Merge 2 accounts" not in editor.get(path).text
    assert editor.post(f"{path}/merge", **fields_of(people, kept, merged)).status_code == 403
    assert people.row_counts() == before


def test_one_of_two_merges_at_once_wins(app: App, people: People) -> None:
    one, other = people.create(name="Анна"), people.create(name="Anna")

    def attempt(ids: tuple[UUID, UUID]) -> bool:
        with app.app_context(), suppress(Refused):
            merge_users(*ids, choices=MergeChoices(), versions=(1, 1), by=TESTER)
            return True
        return False

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, [(one.id, other.id), (other.id, one.id)]))
    assert sorted(results) == [False, True]
    statuses = [row["status"] for user in (one, other) if (row := people.row(id=user.id))]
    assert sorted(statuses) == ["deleted", "invited"]
    assert people.row_counts()["user_merges"] == 1
