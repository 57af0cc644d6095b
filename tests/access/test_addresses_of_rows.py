"""A row is ended only at the address of the person or group that it belongs to."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import HELPDESK
from webapp.core.permissions import Permission

pytestmark = pytest.mark.one_engine


def test_a_role_is_ended_only_at_its_holder(owner: Browser, access: Access, people: People) -> None:
    anna, boris, sales = people.create(name="Anna"), people.create(name="Boris"), access.group("Sales")
    access.add_member(sales, boris.id)
    of_anna, of_sales = access.grant(HELPDESK, user_id=anna.id), access.grant(HELPDESK, group_id=sales)
    before = people.row_counts()
    for path in (
        f"users/{boris.id}/roles/{of_anna}",
        f"users/{boris.id}/roles/{of_sales}",
        f"groups/{sales}/roles/{of_anna}",
    ):
        assert owner.post(f"/{path}/end").status_code == 404
    assert people.row_counts() == before
    assert all(Permission.USERS_RESET in access.powers_of(each.id).everywhere for each in (anna, boris))
    for path in (f"users/{anna.id}/roles/{of_anna}", f"groups/{sales}/roles/{of_sales}"):
        assert owner.post(f"/{path}/end").status_code == 303
    assert not any(access.powers_of(each.id).everywhere for each in (anna, boris))


def test_a_membership_is_ended_only_at_its_person_and_group(owner: Browser, access: Access, people: People) -> None:
    anna, boris = people.create(name="Anna"), people.create(name="Boris")
    sales, north = access.group("Sales"), access.group("North")
    membership, other = access.add_member(sales, anna.id), access.add_member(north, anna.id)
    before = people.row_counts()
    for path in (f"users/{boris.id}/groups/{membership}", f"groups/{north}/members/{membership}"):
        assert owner.post(f"/{path}/end").status_code == 404
    assert people.row_counts() == before
    for path in (f"users/{anna.id}/groups/{membership}", f"groups/{north}/members/{other}"):
        assert owner.post(f"/{path}/end").status_code == 303
    assert people.row_counts()["audit_records"] == before["audit_records"] + 2
