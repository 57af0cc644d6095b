"""How many people the list shows for each group."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.bin.services import delete_user
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.groups.models import GroupCount
from webapp.groups.services import delete_group, update_group
from webapp.groups.sizes import Size, sizes_of
from webapp.jobs.models import Job
from webapp.jobs.services import enqueue, run_job
from webapp.web.api import App


@pytest.fixture
def tree(access: Access, people: People) -> dict[str, UUID]:
    """Northwind > Sales > North. One person is in all three, one in Sales only."""
    northwind = access.group("Northwind")
    sales = access.group("Sales", parent_id=northwind)
    north = access.group("North", parent_id=sales)
    everywhere, once = people.create(name="Anna").id, people.create(name="Boris").id
    for group_id in (northwind, sales, north):
        access.add_member(group_id, everywhere)
    access.add_member(sales, once)
    return {"northwind": northwind, "sales": sales, "north": north}


def sizes(app: App, tree: dict[str, UUID]) -> list[tuple[int, int]]:
    with app.app_context():
        found = sizes_of(list(tree.values())).by_group
        return [tuple(found[group_id]) for group_id in tree.values() if group_id in found]


def count_groups(app: App) -> Job:
    with app.app_context():
        job = enqueue("groups.count", by=TESTER)
        run_job(job.id, holder="test")
        return db.session.get_one(Job, job.id, populate_existing=True)


def test_people_count_once_in_a_group_and_those_inside_it(app: App, tree: dict[str, UUID]) -> None:
    assert sizes(app, tree) == [(1, 2), (2, 2), (1, 1)]


def test_deleted_people_and_past_and_future_members_do_not_count(
    app: App, access: Access, people: People, tree: dict[str, UUID]
) -> None:
    day = timedelta(days=1)
    access.add_member(tree["north"], people.create(name="Future").id, starts_at=now() + 3 * day)
    access.add_member(tree["north"], people.create(name="Past").id, ends_at=now() + day)
    deleted = people.create(name="Deleted").id
    access.add_member(tree["north"], deleted)
    with app.app_context():
        delete_user(deleted, by=TESTER)
    with time_machine.travel(now() + 2 * day):
        assert sizes(app, tree)[2] == (1, 1)


def test_the_list_links_the_number_of_people_to_the_people(owner: Browser, tree: dict[str, UUID]) -> None:
    page = owner.get("/groups").text
    assert re.search(r'href="/users\?group=Northwind">2</a>', page)
    assert owner.get("/users?group=Northwind").text.count('class="person-mail"') == 2


def test_many_memberships_are_counted_by_the_job(
    app: App, owner: Browser, access: Access, people: People, tree: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.groups.sizes.COUNTED_LIVE", 1)
    monkeypatch.setattr("webapp.groups.counting.CHUNK_SIZE", 2)
    assert sizes(app, tree) == []
    assert "Not counted yet" in owner.get("/groups").text
    assert count_groups(app).state == "done"
    assert sizes(app, tree) == [(1, 2), (2, 2), (1, 1)]
    access.add_member(tree["north"], people.create(name="Clara").id)
    assert sizes(app, tree) == [(1, 2), (2, 2), (1, 1)]
    count_groups(app)
    assert sizes(app, tree) == [(1, 3), (2, 3), (2, 2)]
    assert "Counted" in owner.get("/groups").text


def test_moved_and_deleted_groups_are_counted_where_they_are(app: App, tree: dict[str, UUID]) -> None:
    with app.app_context():
        update_group(tree["north"], version=1, name="North", parent_id=None, by=TESTER)
    assert sizes(app, tree) == [(1, 2), (2, 2), (1, 1)]
    with app.app_context():
        delete_group(tree["sales"], by=TESTER)
    assert sizes(app, tree) == [(1, 1), (0, 0), (1, 1)]


def test_the_counts_of_a_job_replace_each_other(app: App, tree: dict[str, UUID]) -> None:
    count_groups(app)
    count_groups(app)
    with app.app_context():
        rows = db.session.scalars(select(GroupCount)).all()
        assert {row.group_id: Size(row.direct, row.total) for row in rows} == sizes_of(list(tree.values())).by_group


def test_a_job_of_an_older_version_starts_again(app: App, tree: dict[str, UUID]) -> None:
    with app.app_context():
        job = enqueue("groups.count", by=TESTER)
        with transaction():
            db.session.get_one(Job, job.id).checkpoint = tree["north"].hex
        run_job(job.id, holder="test")
        assert db.session.get_one(Job, job.id, populate_existing=True).state == "done"
        assert len(db.session.scalars(select(GroupCount)).all()) == 3
