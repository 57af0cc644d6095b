"""The powers of a user: from their own roles and those of their groups, everywhere or within groups, for a time."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, BUILT_IN, HELPDESK, OWNER
from webapp.access.services import end_grant, end_membership
from webapp.core.clock import now
from webapp.core.permissions import Permission, Powers
from webapp.groups.services import delete_group, restore_group
from webapp.roles.services import delete_role, restore_role
from webapp.web.api import App

READER = frozenset({Permission.USERS_READ})
HOUR = timedelta(hours=1)


def test_a_user_without_roles_has_no_powers(access: Access, people: People) -> None:
    assert access.powers_of(people.create().id) == Powers()


def test_an_owner_has_every_permission(access: Access, people: People) -> None:
    assert access.powers_of(people.create(roles=[OWNER]).id) == Powers(frozenset(Permission))


def test_the_permissions_of_several_roles_are_combined(access: Access, people: People) -> None:
    anna = people.create(roles=[HELPDESK, AUDITOR])
    assert access.powers_of(anna.id).everywhere == BUILT_IN[HELPDESK].permissions | BUILT_IN[AUDITOR].permissions


def test_members_have_the_roles_of_their_group_and_its_parents(access: Access, people: People) -> None:
    anna, role = people.create(), access.role("Reader", "users.read")
    outer = access.group("Outer")
    inner = access.group("Inner", parent_id=access.group("Middle", parent_id=outer))
    access.grant(role, group_id=outer)
    assert access.powers_of(anna.id) == Powers()
    access.add_member(inner, anna.id)
    assert access.powers_of(anna.id) == Powers(READER)


def test_a_role_within_a_group_applies_to_its_members_only(access: Access, people: People) -> None:
    anna, role, north = people.create(), access.role("Reader", "users.read"), access.group("North")
    access.grant(role, user_id=anna.id, scope_id=north)
    powers = access.powers_of(anna.id)
    assert powers == Powers(by_scope={north: READER})
    assert (powers.can(Permission.USERS_READ), powers.reach(Permission.USERS_READ)) == (True, {north})


def test_roles_and_memberships_count_only_within_their_dates(access: Access, people: People) -> None:
    anna, role, north = people.create(), access.role("Reader", "users.read"), access.group("North")
    access.grant(role, user_id=anna.id, starts_at=now() + HOUR, ends_at=now() + 3 * HOUR)
    access.grant(AUDITOR, group_id=north)
    access.add_member(north, anna.id, starts_at=now() + 2 * HOUR, ends_at=now() + 4 * HOUR)
    counts = []
    for hours in (0, 1, 2, 3, 4):
        with time_machine.travel(now() + hours * HOUR + timedelta(minutes=1)):
            counts.append(len(access.powers_of(anna.id).everywhere))
    auditor = len(BUILT_IN[AUDITOR].permissions)
    assert counts == [0, 1, auditor, auditor, 0]


def test_an_expired_role_is_refused_at_the_next_request(access: Access) -> None:
    anna = access.person("Anna")
    with time_machine.travel(now(), tick=False) as clock:
        access.grant(AUDITOR, user_id=anna.id, ends_at=now() + timedelta(minutes=5))
        browser = access.browser_of(anna)
        assert browser.get("/users").status_code == 200
        clock.shift(timedelta(minutes=5))
        assert browser.get("/users").status_code == 403


def test_a_removed_role_or_membership_is_refused_at_the_next_request(app: App, access: Access) -> None:
    anna, north = access.person("Anna"), access.group("North")
    browser = access.browser_of(anna)
    grant = access.grant(AUDITOR, user_id=anna.id)
    assert browser.get("/users").status_code == 200
    with app.app_context():
        end_grant(grant, by=TESTER)
    assert browser.get("/users").status_code == 403
    access.grant(AUDITOR, group_id=north)
    membership = access.add_member(north, anna.id)
    assert browser.get("/users").status_code == 200
    with app.app_context():
        end_membership(membership, by=TESTER)
    assert browser.get("/users").status_code == 403


def test_a_deleted_role_or_group_gives_no_powers_until_it_is_restored(app: App, access: Access, people: People) -> None:
    anna, role, north = people.create(), access.role("Reader", "users.read"), access.group("North")
    access.grant(role, group_id=north)
    access.add_member(north, anna.id)
    for delete, restore, deleted_id in ((delete_role, restore_role, role), (delete_group, restore_group, north)):
        with app.app_context():
            delete(deleted_id, by=TESTER)
        assert access.powers_of(anna.id) == Powers()
        with app.app_context():
            restore(deleted_id, by=TESTER)
        assert access.powers_of(anna.id) == Powers(READER)


def test_the_powers_of_a_request_take_one_statement(app: App, owner: Browser) -> None:
    with captured_queries(app) as seen:
        owner.get("/users/new")
    assert len([statement for statement in seen if "role_grants" in statement]) == 1
