"""Departments, their members and roles in demo data."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from tests.clients import Browser
from tests.factories import TESTER
from tests.query_counter import captured_queries
from webapp.access.group_tree import member_ids_in
from webapp.access.models import AUDITOR, HELPDESK, Group, Membership, RoleGrant
from webapp.db.session import db
from webapp.demo import groups
from webapp.demo.groups import DEPARTMENTS
from webapp.demo.services import Owner, fill
from webapp.users.models import User
from webapp.web.api import App

COUNT = 600


@pytest.fixture
def filled(app: App) -> Owner:
    with app.app_context():
        return fill(COUNT, by=TESTER)


def test_each_department_has_about_its_share_of_people(app: App, filled: Owner) -> None:
    with app.app_context():
        query = select(Group.name, func.count()).join(Membership.group).group_by(Group.name)
        people: dict[str, int] = dict(db.session.execute(query).all())
        for department in DEPARTMENTS:
            expected = COUNT * department.share / 100
            assert abs(people.get(department.name, 0) - expected) < 30, department.name


@pytest.mark.one_engine
def test_departments_contain_each_other(app: App, filled: Owner) -> None:
    with app.app_context():
        whole = db.session.scalars(select(Group.id).where(Group.name == "Northwind")).one()
        inside = db.session.scalar(select(func.count()).select_from(member_ids_in([whole]).subquery())) or 0
        assert inside == db.session.scalar(select(func.count()).select_from(Membership))
        assert COUNT * 0.6 < inside < COUNT * 0.9


@pytest.mark.one_engine
def test_memberships_start_with_the_account(app: App, filled: Owner) -> None:
    with app.app_context():
        pairs = select(User.created_at, Membership.starts_at).join(Membership, Membership.user_id == User.id)
        for created_at, starts_at in db.session.execute(pairs):
            assert created_at == starts_at


@pytest.mark.one_engine
def test_memberships_have_the_keys_of_the_service(app: App, filled: Owner) -> None:
    with app.app_context():
        row = db.session.scalars(select(Membership).limit(1)).one()
        assert row.live_key == f"member:{row.group_id.hex}:{row.user_id.hex}"


@pytest.mark.one_engine
def test_a_department_has_a_helpdesk_and_one_person_is_an_auditor(app: App, filled: Owner) -> None:
    with app.app_context():
        grants = db.session.scalars(select(RoleGrant).where(RoleGrant.user_id.is_not(None))).all()
        assert {grant.scope.name for grant in grants if grant.role_id == HELPDESK and grant.scope} == {"Engineering"}
        assert [grant.scope_id for grant in grants if grant.role_id == AUDITOR] == [None]


def test_a_large_crowd_has_members_for_a_part_of_its_people(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MEMBERS_MAX", 100)
    with app.app_context():
        fill(COUNT, by=TESTER)
        count = db.session.scalar(select(func.count()).select_from(Membership)) or 0
        assert 40 < count < 110
        assert db.session.scalar(select(func.count(Membership.group_id.distinct()))) > 5


def test_members_are_added_with_one_statement(app: App) -> None:
    with captured_queries(app) as seen, app.app_context():
        fill(COUNT, by=TESTER)
    assert len([text for text in seen if re.match("INSERT INTO memberships", text)]) == 1


@pytest.mark.one_engine
def test_the_owner_sees_the_departments(app: App, filled: Owner) -> None:
    browser = Browser(app).sign_in(filled.email, filled.password)
    assert "Northwind" in browser.get("/groups").text
    assert "Engineering" in browser.get("/groups?q=eng").text
    assert "Бухгалтерия" in browser.get("/groups?q=бух").text
