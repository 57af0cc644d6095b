"""What somebody may do: by their own roles and those of their groups, everywhere or within a group, for a time."""

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


def test_nobody_may_do_anything_by_themselves(access: Access, people: People) -> None:
    assert access.powers_of(people.create().id) == Powers()


def test_an_owner_may_do_everything(access: Access, people: People) -> None:
    assert access.powers_of(people.create(roles=[OWNER]).id) == Powers(frozenset(Permission))


def test_roles_add_up(access: Access, people: People) -> None:
    anna = people.create(roles=[HELPDESK, AUDITOR])
    assert access.powers_of(anna.id).everywhere == BUILT_IN[HELPDESK].permissions | BUILT_IN[AUDITOR].permissions


def test_members_have_the_roles_of_their_group_and_of_those_around_it(access: Access, people: People) -> None:
    anna, role = people.create(), access.role("Reader", "users.read")
    outer = access.group("Outer")
    inner = access.group("Inner", parent_id=access.group("Middle", parent_id=outer))
    access.grant(role, group_id=outer)
    assert access.powers_of(anna.id) == Powers()
    access.add_member(inner, anna.id)
    assert access.powers_of(anna.id) == Powers(READER)


def test_a_role_within_a_group_reaches_its_members_only(access: Access, people: People) -> None:
    anna, role, north = people.create(), access.role("Reader", "users.read"), access.group("North")
    access.grant(role, user_id=anna.id, scope_id=north)
    powers = access.powers_of(anna.id)
    assert powers == Powers(by_scope={north: READER})
    assert (powers.can(Permission.USERS_READ), powers.reach(Permission.USERS_READ)) == (True, {north})


def test_what_begins_later_or_ended_does_not_count(access: Access, people: People) -> None:
    anna, role, north = people.create(), access.role("Reader", "users.read"), access.group("North")
    access.grant(role, user_id=anna.id, starts_at=now() + HOUR, ends_at=now() + 3 * HOUR)
    access.grant(AUDITOR, group_id=north)
    access.add_member(north, anna.id, starts_at=now() + 2 * HOUR, ends_at=now() + 4 * HOUR)
    seen = []
    for hours in (0, 1, 2, 3, 4):
        with time_machine.travel(now() + hours * HOUR + timedelta(minutes=1)):
            seen.append(len(access.powers_of(anna.id).everywhere))
    auditor = len(BUILT_IN[AUDITOR].permissions)
    assert seen == [0, 1, auditor, auditor, 0]


def test_a_role_that_ends_by_itself_is_over_at_the_next_request(access: Access) -> None:
    anna = access.person("Anna")
    with time_machine.travel(now(), tick=False) as clock:
        access.grant(AUDITOR, user_id=anna.id, ends_at=now() + timedelta(minutes=5))
        browser = access.browser_of(anna)
        assert browser.get("/users").status_code == 200
        clock.shift(timedelta(minutes=5))
        assert browser.get("/users").status_code == 403


def test_what_was_taken_back_is_over_at_the_next_request(app: App, access: Access) -> None:
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


def test_a_deleted_role_or_group_gives_nothing_until_it_is_restored(app: App, access: Access, people: People) -> None:
    anna, role, north = people.create(), access.role("Reader", "users.read"), access.group("North")
    access.grant(role, group_id=north)
    access.add_member(north, anna.id)
    for delete, restore, what in ((delete_role, restore_role, role), (delete_group, restore_group, north)):
        with app.app_context():
            delete(what, by=TESTER)
        assert access.powers_of(anna.id) == Powers()
        with app.app_context():
            restore(what, by=TESTER)
        assert access.powers_of(anna.id) == Powers(READER)


def test_access_costs_a_request_one_statement(app: App, owner: Browser) -> None:
    with captured_queries(app) as seen:
        owner.get("/users/new")
    assert len([statement for statement in seen if "role_grants" in statement]) == 1
