"""The tree of groups: no cycles, a maximum depth, and no gain of permissions by moving a group."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, DEPTH_MAX, GROUP_OWNER
from webapp.access.queries import get_group
from webapp.core.errors import Forbidden, Invalid, NotFound, Refused, Stale, Taken
from webapp.core.permissions import Actor, ActorKind
from webapp.groups.services import create_group, delete_group, restore_group, update_group
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ROUNDS = 30


def move(app: App, group_id: UUID, parent_id: UUID | None, *, by: Actor = TESTER) -> None:
    with app.app_context():
        group = get_group(group_id)
        update_group(group_id, version=group.version, name=group.name, parent_id=parent_id, by=by)


def test_a_group_cannot_be_inside_itself(app: App, access: Access, people: People) -> None:
    outer = access.group("Outer")
    inner = access.group("Inner", parent_id=access.group("Middle", parent_id=outer))
    before = people.row_counts()
    for parent in (outer, inner):
        with pytest.raises(Invalid, match="part of itself"):
            move(app, outer, parent)
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_concurrent_moves_make_no_cycle(app: App, access: Access) -> None:
    first, second, barrier = access.group("First"), access.group("Second"), Barrier(2, timeout=300)

    def move_repeatedly(group_id: UUID, other: UUID) -> list[bool]:
        done = []
        for _round in range(ROUNDS):
            barrier.wait()
            try:
                move(app, group_id, other)
                done.append(True)
            except Refused:
                done.append(False)
            barrier.wait()
            if done[-1]:
                move(app, group_id, None)
        return done

    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(move_repeatedly, (first, second), (second, first))
    assert all(sorted(pair) == [False, True] for pair in zip(left, right, strict=True))


def test_groups_have_a_maximum_depth(app: App, access: Access) -> None:
    top = deepest = access.group("1")
    for level in range(2, DEPTH_MAX + 1):
        deepest = access.group(str(level), parent_id=deepest)
    with app.app_context(), pytest.raises(Invalid, match="levels deep"):
        create_group(name="too deep", parent_id=deepest, by=TESTER)
    with pytest.raises(Invalid, match="levels deep"):
        move(app, top, access.group("above"))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"name": ""}, Invalid),
        ({"name": "   "}, Invalid),
        ({"name": "n" * 81}, Invalid),
        ({"name": "a\x00b"}, Invalid),
        ({"name": "a\u202eb"}, Invalid),
        ({"name": "СЕВЕР"}, Taken),
        ({"name": "Юг", "description": "d" * 501}, Invalid),
        ({"name": "Юг", "parent_id": UUID(int=1)}, NotFound),
    ],
)
def test_invalid_groups_are_refused(
    app: App, access: Access, people: People, fields: dict, refusal: type[Refused]
) -> None:
    access.group("Север")
    before = people.row_counts()
    with app.app_context(), pytest.raises(refusal):
        create_group(by=TESTER, **fields)
    assert people.row_counts() == before


def test_a_change_of_a_stale_version_is_refused(app: App, access: Access) -> None:
    north = access.group("North")
    with app.app_context():
        update_group(north, version=1, name="Northern", by=TESTER)
        with pytest.raises(Stale):
            update_group(north, version=1, name="Norse", by=TESTER)


def test_a_group_with_subgroups_cannot_be_deleted(app: App, access: Access) -> None:
    outer = access.group("Outer")
    inner = access.group("Inner", parent_id=outer)
    with app.app_context():
        with pytest.raises(Invalid, match="other groups"):
            delete_group(outer, by=TESTER)
        delete_group(inner, by=TESTER)
        delete_group(outer, by=TESTER)
        with pytest.raises(NotFound):
            restore_group(inner, by=TESTER)


@pytest.mark.both_engines
def test_a_group_whose_name_is_in_use_cannot_be_restored(app: App, access: Access) -> None:
    north = access.group("North")
    with app.app_context():
        delete_group(north, by=TESTER)
    access.group("north")
    with app.app_context(), pytest.raises(Taken):
        restore_group(north, by=TESTER)


def test_a_group_owner_can_change_only_their_own_group(app: App, access: Access, people: People) -> None:
    north, south, anna = access.group("North"), access.group("South"), people.create()
    inner = access.group("Inner", parent_id=north)
    access.grant(GROUP_OWNER, user_id=anna.id, scope_id=north)
    by = Actor(ActorKind.USER, "Anna", anna.id)
    before = people.row_counts()
    for attempt, refusal in (
        (lambda: create_group(name="New", by=by), Forbidden),
        (lambda: move(app, inner, None, by=by), Forbidden),
        (lambda: create_group(name="New", parent_id=south, by=by), NotFound),
        (lambda: delete_group(south, by=by), NotFound),
        (lambda: move(app, inner, south, by=by), NotFound),
    ):
        with app.app_context(), pytest.raises(refusal):
            attempt()
    assert people.row_counts() == before
    with app.app_context():
        create_group(name="New", parent_id=north, by=by)


def test_moving_a_group_cannot_give_permissions_that_the_actor_does_not_have(
    app: App, access: Access, people: People
) -> None:
    strong, mine, anna = access.group("Strong"), access.group("Mine"), people.create()
    access.grant(access.role("Eraser", "users.purge"), group_id=strong)
    access.grant(access.role("Grouper", "groups.manage", "users.read"), user_id=anna.id)
    with pytest.raises(Forbidden, match="You cannot give permissions"):
        move(app, mine, strong, by=Actor(ActorKind.USER, "Anna", anna.id))


def test_moving_a_group_cannot_take_permissions_that_the_actor_does_not_have(
    app: App, access: Access, people: People
) -> None:
    """They cannot remove a member from such a group either."""
    outer, clara = access.group("Outer"), people.create(name="Clara")
    inner, other = access.group("Inner", parent_id=outer), access.group("Other")
    access.grant(AUDITOR, group_id=outer)
    access.grant(access.role("Manager", "users.read", "groups.manage"), user_id=clara.id)
    before = people.row_counts()
    for parent in (None, other):
        with pytest.raises(Forbidden, match="permissions you do not have"):
            move(app, inner, parent, by=Actor(ActorKind.USER, clara.name, clara.id))
    assert people.row_counts() == before
    move(app, inner, None)


def test_moving_a_group_cannot_give_power_over_its_members(app: App, access: Access, people: People) -> None:
    mine, board, anna = access.group("Mine"), access.group("Board"), people.create()
    access.add_member(board, people.create().id)
    access.grant(access.role("Grouper", "groups.manage", "users.read"), user_id=anna.id)
    access.grant(access.role("Editor", "users.read", "users.edit"), user_id=anna.id, scope_id=mine)
    before = people.row_counts()
    with pytest.raises(Forbidden, match="You cannot add this user to your group"):
        move(app, board, mine, by=Actor(ActorKind.USER, "Anna", anna.id))
    assert people.row_counts() == before
