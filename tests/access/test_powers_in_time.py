"""People cannot give more permissions than they have, or for longer. Permissions that start later count too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK, OWNER, Membership, RoleGrant
from webapp.access.services import add_member, end_grant, end_membership, grant_role
from webapp.audit.queries import latest_records_of
from webapp.audit.undo import undo_change
from webapp.core.clock import now
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.groups.services import update_group
from webapp.roles.services import delete_role, restore_role, update_role
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, reactivate_user, update_user
from webapp.web.api import App

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=2)


def as_user(user: UserOut) -> Actor:
    return Actor(ActorKind.USER, user.name, user.id)


def administrator_for_an_hour(access: Access) -> tuple[UserOut, datetime]:
    boris, end = access.person("Boris"), now() + HOUR
    access.grant(ADMINISTRATOR, user_id=boris.id, ends_at=end)
    return boris, end


def test_a_temporary_role_cannot_be_given_for_longer(app: App, access: Access, people: People) -> None:
    (boris, end), anna = administrator_for_an_hour(access), people.create()
    before = people.row_counts()
    for user_id in (anna.id, boris.id):
        for ends_at in (None, end + timedelta(seconds=1)):
            with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
                grant_role(HELPDESK, user_id=user_id, ends_at=ends_at, by=as_user(boris))
    assert people.row_counts() == before
    with app.app_context():
        grant_role(HELPDESK, user_id=anna.id, ends_at=end, by=as_user(boris))


def test_a_temporary_owner_cannot_make_a_permanent_owner(app: App, access: Access, people: People) -> None:
    boris, anna = access.person("Boris"), people.create()
    access.grant(OWNER, user_id=boris.id, ends_at=now() + HOUR)
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
        grant_role(OWNER, user_id=anna.id, by=as_user(boris))
    assert people.row_counts() == before


def test_a_temporary_role_within_a_group_cannot_be_given_there_for_longer(
    app: App, access: Access, people: People
) -> None:
    north, boris, anna, end = access.group("North"), access.person("Boris"), people.create(), now() + HOUR
    access.add_member(north, anna.id)
    access.grant(ADMINISTRATOR, user_id=boris.id, scope_id=north, ends_at=end)
    with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
        grant_role(HELPDESK, user_id=anna.id, scope_id=north, by=as_user(boris))
    with app.app_context():
        grant_role(HELPDESK, user_id=anna.id, scope_id=north, ends_at=end, by=as_user(boris))


def test_permissions_through_a_group_end_with_the_membership(app: App, access: Access, people: People) -> None:
    staff, boris, anna, end = access.group("Staff"), access.person("Boris"), people.create(), now() + HOUR
    access.grant(ADMINISTRATOR, group_id=staff)
    access.add_member(staff, boris.id, ends_at=end)
    before = people.row_counts()
    for attempt in (
        lambda: grant_role(HELPDESK, user_id=anna.id, by=as_user(boris)),
        lambda: add_member(staff, anna.id, by=as_user(boris)),
    ):
        with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
            attempt()
    assert people.row_counts() == before
    with app.app_context():
        add_member(staff, anna.id, ends_at=end, by=as_user(boris))


def test_permissions_end_with_the_account(app: App, access: Access, people: People) -> None:
    boris, anna, end = access.person("Boris", ends_at=now() + HOUR), people.create(), now() + timedelta(minutes=30)
    access.grant(ADMINISTRATOR, user_id=boris.id)
    with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
        grant_role(HELPDESK, user_id=anna.id, by=as_user(boris))
    with app.app_context():
        grant_role(HELPDESK, user_id=anna.id, ends_at=end, by=as_user(boris))


def test_adding_a_member_requires_the_permissions_of_roles_that_start_later(
    app: App, access: Access, people: People
) -> None:
    strong, boris = access.group("Strong"), people.create(roles=[ADMINISTRATOR])
    access.grant(access.role("Role maker", "roles.manage"), group_id=strong, starts_at=now() + SOON)
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="Create and change roles"):
        add_member(strong, boris.id, by=as_user(boris))
    assert people.row_counts() == before


def test_people_cannot_add_someone_to_gain_power_over_them_later(app: App, access: Access, people: People) -> None:
    north, boris, victim = access.group("North"), people.create(), people.create()
    access.grant(access.role("Reader", "users.read", "groups.manage"), user_id=boris.id)
    access.grant(HELPDESK, user_id=boris.id, scope_id=north, starts_at=now() + SOON)
    with app.app_context(), pytest.raises(Forbidden, match="You cannot add this user to your group"):
        add_member(north, victim.id, by=as_user(boris))


def test_a_role_can_get_only_permanent_permissions_of_its_editor(app: App, access: Access, people: People) -> None:
    own, boris = access.role("Own", "users.read", "roles.manage"), people.create()
    access.grant(own, user_id=boris.id)
    access.grant(access.role("For an hour", "users.edit"), user_id=boris.id, ends_at=now() + HOUR)
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
        update_role(
            own, version=1, name="Own", permissions=["users.read", "roles.manage", "users.edit"], by=as_user(boris)
        )
    assert people.row_counts() == before
    with app.app_context():
        update_role(own, version=1, name="Renamed", permissions=["users.read", "roles.manage"], by=as_user(boris))


def test_restoring_a_role_requires_its_permissions_permanently(app: App, access: Access, people: People) -> None:
    role, boris = access.role("Editor", "users.edit"), people.create()
    access.grant(access.role("Role maker", "roles.manage"), user_id=boris.id)
    access.grant(role, user_id=boris.id)
    access.grant(access.role("For an hour", "users.edit"), user_id=boris.id, ends_at=now() + HOUR)
    with app.app_context():
        delete_role(role, by=TESTER)
        with pytest.raises(Forbidden, match="for longer than you have them"):
            restore_role(role, by=as_user(boris))


def test_moving_a_group_requires_the_roles_of_the_parent_permanently(app: App, access: Access, people: People) -> None:
    staff, team = access.group("Staff"), access.group("Team")
    access.grant(HELPDESK, group_id=staff)
    boris, _end = administrator_for_an_hour(access)
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
        update_group(team, version=1, name="Team", parent_id=staff, by=as_user(boris))
    assert people.row_counts() == before


POWERS_THAT_START = [
    lambda access, user_id: access.grant(OWNER, user_id=user_id, starts_at=now() + SOON),
    lambda access, user_id: access.add_member(_owners(access), user_id, starts_at=now() + SOON),
    lambda access, user_id: access.add_member(_owners(access, starts_at=now() + SOON), user_id),
]


def _owners(access: Access, **period: datetime) -> UUID:
    group = access.group("Strong")
    access.grant(access.role("Role maker", "roles.manage"), group_id=group, **period)
    return group


@pytest.mark.parametrize("give", POWERS_THAT_START)
def test_permissions_that_start_later_protect_their_holder(app: App, access: Access, people: People, give: Any) -> None:
    boris, anna = people.create(roles=[ADMINISTRATOR]), people.create()
    give(access, anna.id)
    before, row = people.row_counts(), people.row(id=anna.id)
    for attempt in (
        lambda: update_user(anna.id, password="another long password", by=as_user(boris)),
        lambda: deactivate_user(anna.id, by=as_user(boris)),
    ):
        with app.app_context(), pytest.raises(Forbidden, match="they have permissions you do not have"):
            attempt()
    assert (people.row_counts(), people.row(id=anna.id)) == (before, row)


def test_expired_permissions_do_not_protect_their_holder(app: App, access: Access, people: People) -> None:
    boris, anna = people.create(roles=[ADMINISTRATOR]), people.create()
    grant = access.grant(OWNER, user_id=anna.id, starts_at=now() + SOON)
    with app.app_context():
        end_grant(grant, by=TESTER)
        update_user(anna.id, name="Anna", by=as_user(boris))


@pytest.mark.parametrize("ends_at", [None, 2 * HOUR, HOUR / 2])
def test_people_cannot_change_the_end_of_their_own_access(
    app: App, access: Access, people: People, ends_at: timedelta | None
) -> None:
    boris = access.person("Boris", ends_at=now() + HOUR, roles=[ADMINISTRATOR])
    before, row = people.row_counts(), people.row(id=boris.id)
    with app.app_context(), pytest.raises(Forbidden, match="Another person can change when your access"):
        update_user(boris.id, ends_at=ends_at and now() + ends_at, by=as_user(boris))
    with app.app_context(), pytest.raises(Forbidden):
        update_user(boris.id, starts_at=now() - HOUR, by=as_user(boris))
    assert (people.row_counts(), people.row(id=boris.id)) == (before, row)


@pytest.mark.one_engine
def test_people_cannot_end_their_own_access_by_page_or_api(app: App, access: Access, people: People) -> None:
    boris = access.person("Boris", ends_at=now() + HOUR, roles=[ADMINISTRATOR])
    browser, api = access.browser_of(boris), Api(app, people.token_for(boris))
    row = people.row(id=boris.id)
    form = {"name": boris.name, "email": boris.email, "username": "", "version": boris.version}
    assert 'name="ends_at"' not in browser.get(f"/users/{boris.id}/edit").text
    assert browser.post(f"/users/{boris.id}", **form, ends_at="").status_code == 303
    assert api.patch(f"/users/{boris.id}", {"ends_at": None}).status_code == 403
    assert people.row(id=boris.id)["ends_at"] == row["ends_at"]


def test_people_cannot_extend_access_beyond_their_own_permissions(app: App, access: Access, people: People) -> None:
    boris, end = administrator_for_an_hour(access)
    guest = people.create(ends_at=end, password=people.password)
    helper = people.create(ends_at=end, password=people.password, roles=[HELPDESK])
    before, row = people.row_counts(), people.row(id=helper.id)
    for ends_at in (None, end + HOUR):
        with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
            update_user(helper.id, ends_at=ends_at, by=as_user(boris))
    assert (people.row_counts(), people.row(id=helper.id)) == (before, row)
    with app.app_context():
        update_user(helper.id, ends_at=end - HOUR / 2, by=as_user(boris))
        update_user(guest.id, ends_at=None, by=as_user(boris))


def test_a_reactivation_that_removes_an_end_requires_permanent_permissions(
    app: App, access: Access, people: People
) -> None:
    helper = people.create(ends_at=now() + HOUR / 2, password=people.password, roles=[HELPDESK])
    boris, _end = administrator_for_an_hour(access)
    with app.app_context():
        deactivate_user(helper.id, by=TESTER)
    with time_machine.travel(now() + HOUR / 2 + SOON):
        with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
            reactivate_user(helper.id, by=as_user(boris))
        assert people.row(id=helper.id)["status"] == "deactivated"


def _latest_record(app: App, user: UserOut) -> UUID:
    with app.app_context():
        return latest_records_of(user.id, 1)[0].id


def _undo_latest(app: App, user: UserOut) -> None:
    record = _latest_record(app, user)
    with app.app_context():
        undo_change(record, by=TESTER)


def test_undo_of_a_revocation_restores_a_future_start(app: App, access: Access, people: People) -> None:
    anna, start, end = people.create(), now() + HOUR, now() + 3 * HOUR
    grant = access.grant(AUDITOR, user_id=anna.id, starts_at=start, ends_at=end)
    with app.app_context():
        end_grant(grant, by=TESTER)
    assert people.audit_trail(anna.id)[-1][1]["starts_at"] == [start.isoformat(), None]
    _undo_latest(app, anna)
    assert not access.powers_of(anna.id).everywhere
    with app.app_context():
        restored = (
            db.session.query(RoleGrant).filter(RoleGrant.user_id == anna.id, RoleGrant.live_key.is_not(None)).one()
        )
        assert (restored.starts_at, restored.ends_at) == (start, end)
    # The undo can be undone.
    _undo_latest(app, anna)
    with app.app_context():
        assert not db.session.query(RoleGrant).filter(RoleGrant.live_key.is_not(None)).count()


def test_undo_of_a_removal_restores_a_future_start(app: App, access: Access, people: People) -> None:
    anna, north, start = people.create(), access.group("North"), now() + HOUR
    membership = access.add_member(north, anna.id, starts_at=start)
    with app.app_context():
        end_membership(membership, by=TESTER)
    _undo_latest(app, anna)
    with app.app_context():
        restored = db.session.query(Membership).filter(Membership.live_key.is_not(None)).one()
        assert restored.starts_at == start


def test_undo_restores_a_role_immediately_if_its_start_has_passed(app: App, access: Access, people: People) -> None:
    anna = people.create()
    grant = access.grant(AUDITOR, user_id=anna.id, starts_at=now() + HOUR)
    with app.app_context():
        end_grant(grant, by=TESTER)
    with time_machine.travel(now() + 2 * HOUR):
        _undo_latest(app, anna)
        with app.app_context():
            restored = db.session.query(RoleGrant).filter(RoleGrant.live_key.is_not(None)).one()
            assert restored.starts_at > now() - SOON


def test_undo_cannot_give_a_role_for_longer_than_its_actor_has_it(app: App, access: Access, people: People) -> None:
    (boris, _end), anna = administrator_for_an_hour(access), people.create()
    grant = access.grant(HELPDESK, user_id=anna.id)
    with app.app_context():
        end_grant(grant, by=as_user(boris))
    record, before = _latest_record(app, anna), people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="for longer than you have them"):
        undo_change(record, by=as_user(boris))
    assert people.row_counts() == before


def test_a_role_cannot_be_given_for_the_past(app: App, access: Access, people: People) -> None:
    anna, moment = people.create(), now()
    access.grant(AUDITOR, user_id=anna.id, starts_at=moment - 24 * HOUR)
    with app.app_context():
        assert db.session.query(RoleGrant).one().starts_at >= moment


@pytest.mark.one_engine
def test_a_bulk_change_cannot_give_a_role_for_longer_than_its_actor_has_it(
    app: App, access: Access, people: People
) -> None:
    (boris, _end), anna = administrator_for_an_hour(access), people.create()
    browser = access.browser_of(boris)
    bulk = browser.post("/bulk", action="add_role", ids=str(anna.id)).location
    browser.post(f"{bulk}/plan", role=str(HELPDESK))
    assert "for longer than you have them" in browser.get(bulk).text
    assert not access.powers_of(anna.id).everywhere


@pytest.mark.both_engines
def test_a_period_that_is_over_keeps_its_end(app: App, access: Access, people: People) -> None:
    """Access reviews must not show that it lasted longer, also if someone removes or undoes it later."""
    anna, end = people.create(), now() + HOUR
    grant_id = access.grant(HELPDESK, user_id=anna.id, ends_at=end)
    membership_id = access.add_member(access.group("North"), anna.id, ends_at=end)
    with time_machine.travel(end + HOUR), app.app_context():
        assert end_grant(grant_id, by=TESTER).ends_at == end
        assert end_membership(membership_id, by=TESTER).ends_at == end


@pytest.mark.parametrize("ends_at", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_an_end_beyond_the_calendar_is_refused(
    access: Access, people: People, owner: Browser, api: Api, ends_at: str
) -> None:
    anna, before = people.create(), people.row_counts()
    page = owner.post(f"/users/{anna.id}/roles", role=str(HELPDESK), ends_at=ends_at)
    answer = api.post(f"/users/{anna.id}/grants", {"role": "Helpdesk", "ends_at": f"{ends_at}Z"})
    assert (page.status_code, answer.status_code, answer.json["errors"][0]["field"]) == (422, 422, "ends_at")
    assert "Enter a date from 1900 to 9998" in page.text
    assert people.row_counts() == before
