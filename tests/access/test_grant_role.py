"""Give and remove roles: only permissions that the actor has, and never the last owner's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
import time_machine

from tests.access_factory import Access
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK, OWNER
from webapp.access.powers import permanent_owners
from webapp.access.services import add_member, end_grant, grant_role
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, NotFound, Refused, Taken
from webapp.core.permissions import Actor, ActorKind
from webapp.roles.services import create_role, delete_role, update_role
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ROUNDS = 200


def as_user(user_id: UUID) -> Actor:
    return Actor(ActorKind.USER, "Someone", user_id)


@pytest.fixture
def administrator(people: People) -> Actor:
    return as_user(people.create(roles=[ADMINISTRATOR]).id)


def test_giving_and_removing_a_role_is_recorded(app: App, access: Access, people: People) -> None:
    anna = people.create()
    grant = access.grant(HELPDESK, user_id=anna.id, scope_id=access.group("Север"))
    with app.app_context():
        end_grant(grant, by=TESTER)
        end_grant(grant, by=TESTER)
    actions = people.audit_trail(anna.id)
    expected = {"role": [None, "Helpdesk"], "within": [None, "Север"], "grant_id": [None, str(grant)]}
    assert actions[1] == ("role.granted", expected)
    assert [action for action, _changes in actions] == ["user.created", "role.granted", "role.revoked"]


def test_people_cannot_give_permissions_they_do_not_have(app: App, people: People, administrator: Actor) -> None:
    anna = people.create()
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="Create and change roles"):
        grant_role(OWNER, user_id=anna.id, by=administrator)
    assert people.row_counts() == before
    with app.app_context():
        grant_role(HELPDESK, user_id=anna.id, by=administrator)


def test_people_cannot_remove_a_role_of_someone_with_more_permissions(
    app: App, access: Access, people: People, administrator: Actor
) -> None:
    olga = people.owner()
    grant = access.grant(AUDITOR, user_id=olga.id)
    with app.app_context(), pytest.raises(Forbidden, match="You cannot change this user"):
        end_grant(grant, by=administrator)


def test_people_cannot_gain_permissions_through_a_group(
    app: App, access: Access, people: People, administrator: Actor
) -> None:
    strong = access.group("Strong")
    role = access.role("Role maker", "roles.manage")
    access.grant(role, group_id=access.group("Around", parent_id=None))
    access.grant(role, group_id=strong)
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="You cannot give permissions"):
        add_member(strong, administrator.id, by=administrator)
    assert people.row_counts() == before


def test_people_cannot_add_someone_to_their_group_to_gain_power_over_them(
    app: App, access: Access, people: People
) -> None:
    north, anna, victim = access.group("North"), people.create(), people.create()
    reader = access.role("Reader", "users.read")
    access.grant(reader, user_id=anna.id)
    access.grant(access.role("Local", "users.read", "users.edit", "groups.manage"), user_id=anna.id, scope_id=north)
    with app.app_context(), pytest.raises(Forbidden, match="You cannot add this user to your group"):
        add_member(north, victim.id, by=as_user(anna.id))


def test_people_cannot_manage_roles_with_permissions_they_do_not_have(app: App, access: Access, people: People) -> None:
    anna = people.create()
    access.grant(access.role("Role maker", "roles.manage", "users.read"), user_id=anna.id)
    by, strong = as_user(anna.id), access.role("Strong", "users.edit")
    before = people.row_counts()
    for attempt in (
        lambda: create_role(name="More", permissions=["users.purge"], by=by),
        lambda: update_role(strong, version=1, name="Strong", permissions=["users.read"], by=by),
        lambda: delete_role(strong, by=by),
    ):
        with app.app_context(), pytest.raises(Forbidden):
            attempt()
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_giving_the_same_role_or_membership_again_is_refused(app: App, access: Access, people: People) -> None:
    anna = people.create(roles=[HELPDESK])
    with app.app_context(), pytest.raises(Taken):
        grant_role(HELPDESK, user_id=anna.id, by=TESTER)
    north = access.group("North")
    access.add_member(north, anna.id)
    with app.app_context(), pytest.raises(Taken):
        add_member(north, anna.id, by=TESTER)


@pytest.mark.both_engines
def test_an_expired_role_can_be_given_again(app: App, access: Access, people: People) -> None:
    anna = people.create()
    grant = access.grant(HELPDESK, user_id=anna.id, ends_at=now() + timedelta(hours=1))
    with app.app_context(), pytest.raises(Taken):
        grant_role(HELPDESK, user_id=anna.id, by=TESTER)
    with time_machine.travel(now() + timedelta(hours=2)):
        assert not access.powers_of(anna.id).everywhere
        assert access.grant(HELPDESK, user_id=anna.id) != grant


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({}, Invalid),
        ({"ends": -1}, Invalid),
        ({"starts": 2, "ends": 1}, Invalid),
        ({"user_id": UUID(int=1)}, Refused),
        ({"scope_id": UUID(int=1)}, NotFound),
        ({"role_id": UUID(int=1)}, NotFound),
    ],
)
def test_invalid_grants_are_refused(app: App, people: People, options: dict, refusal: type[Refused]) -> None:
    window = {
        f"{name}_at": now() + timedelta(hours=options.pop(name)) for name in ("starts", "ends") if name in options
    }
    if options or window:
        options = {"user_id": people.create().id} | options
    before = people.row_counts()
    with app.app_context(), pytest.raises(refusal):
        grant_role(options.pop("role_id", HELPDESK), by=TESTER, **options, **window)
    assert people.row_counts() == before


def test_a_deleted_role_cannot_be_given(app: App, access: Access, people: People) -> None:
    role, anna = access.role("Reader", "users.read"), people.create()
    with app.app_context():
        delete_role(role, by=TESTER)
        with pytest.raises(NotFound, match="It may have been deleted"):
            grant_role(role, user_id=anna.id, by=TESTER)


def test_the_owner_role_is_only_for_people_and_everywhere(app: App, access: Access, people: People) -> None:
    north, anna = access.group("North"), people.create()
    for options in ({"group_id": north}, {"user_id": anna.id, "scope_id": north}):
        with app.app_context(), pytest.raises(Invalid):
            grant_role(OWNER, by=TESTER, **options)


def test_the_last_owner_cannot_lose_the_role(app: App, access: Access, people: People) -> None:
    olga = access.person("Olga")
    grant = access.grant(OWNER, user_id=olga.id)
    # An owner who cannot sign in, or whose role will end, does not count.
    people.create(roles=[OWNER])
    access.grant(OWNER, user_id=access.person("For a day").id, ends_at=now() + timedelta(days=1))
    with app.app_context():
        for attempt in (lambda: end_grant(grant, by=TESTER), lambda: deactivate_user(olga.id, by=TESTER)):
            with pytest.raises(Forbidden, match="last active owner"):
                attempt()
        assert permanent_owners() == {olga.id}


@pytest.mark.both_engines
def test_of_two_owners_who_demote_each_other_concurrently_one_stays(app: App, access: Access, engine_name: str) -> None:
    first, second = access.person("First").id, access.person("Second").id
    barrier = Barrier(2, timeout=300)
    grants = {user_id: access.grant(OWNER, user_id=user_id) for user_id in (first, second)}

    def demote_repeatedly(own_id: UUID, other: UUID) -> list[bool]:
        done = []
        for _round in range(ROUNDS if engine_name == "postgresql" else 10):
            barrier.wait()
            try:
                with app.app_context():
                    end_grant(grants[other], by=as_user(own_id))
                done.append(True)
            except Refused:
                done.append(False)
            barrier.wait()
            with app.app_context():
                assert len(permanent_owners()) == 1
            barrier.wait()
            if done[-1]:
                grants[other] = access.grant(OWNER, user_id=other)
            barrier.wait()
        return done

    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(demote_repeatedly, (first, second), (second, first))
    assert all(sorted(pair) == [False, True] for pair in zip(left, right, strict=True))
