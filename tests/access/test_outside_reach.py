"""People, groups and bulk changes outside somebody's groups look as if they did not exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR, AUDITOR
from webapp.attributes.services import create_attribute
from webapp.core.clock import now
from webapp.groups.services import delete_group
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@dataclass(frozen=True)
class North:
    """The administrator of North, somebody in it, and a boss outside it."""

    group_id: UUID
    boris: UserOut
    browser: Browser
    anna: UserOut
    boss: UserOut


@pytest.fixture
def north(app: App, access: Access, people: People) -> North:
    group_id, boris = access.group("North"), access.person("Boris")
    access.grant(ADMINISTRATOR, user_id=boris.id, scope_id=group_id)
    boss = people.create(name="Zinaida Boss", email="zina@secret.example", username="zinaida")
    with app.app_context():
        create_attribute(key="boss", kind="person", label_en="Boss", label_ru="Начальник", by=TESTER)
    anna = people.create(name="Anna", attributes={"boss": str(boss.id)})
    access.add_member(group_id, anna.id)
    with app.app_context():
        update_user(anna.id, attributes={"boss": None}, by=TESTER)
        update_user(anna.id, attributes={"boss": str(boss.id)}, by=TESTER)
    return North(group_id, boris, access.browser_of(boris), anna, boss)


def names_boss(text: str) -> bool:
    return "Zinaida" in text or "zina@secret.example" in text


@pytest.mark.parametrize(
    "path",
    [
        "/users/{anna}",
        "/users/{anna}/edit",
        "/users/{anna}/activity",
        "/users",
        "/users?attr.boss={boss}",
    ],
)
def test_an_attribute_does_not_name_people_outside(north: North, owner: Browser, path: str) -> None:
    address = path.format(anna=north.anna.id, boss=north.boss.id)
    for browser in (north.browser, owner):
        browser.post("/users/display", columns=["attr.boss"], density="compact", limit="25")
    page = north.browser.get(address).text
    # The filter finds nobody: for Boris there is no such boss.
    assert ("Anna" in page, names_boss(page)) == ("attr.boss" not in path, False)
    assert names_boss(owner.get(address).text)


def test_a_form_that_shows_nobody_keeps_the_value(north: North, people: People) -> None:
    version = people.row(id=north.anna.id)["version"]
    form = {"name": "Anna B", "email": north.anna.email, "version": version, "attributes.boss": str(north.boss.id)}
    assert str(north.boss.id) in north.browser.get(f"/users/{north.anna.id}/edit").text
    assert north.browser.post(f"/users/{north.anna.id}", **form).status_code == 303
    row = people.row(id=north.anna.id)
    assert (row["name"], row["attributes"]) == ("Anna B", {"boss": str(north.boss.id)})


def test_a_file_does_not_name_people_outside(north: North, owner: Browser) -> None:
    for browser, named in ((north.browser, False), (owner, True)):
        bulk = browser.post("/bulk", action="export", ids=str(north.anna.id)).location
        text = browser.post(f"{bulk}/file").text
        assert "Anna" in text
        assert names_boss(text) == named


@pytest.mark.parametrize("stranger", ["zina@secret.example", "zinaida", "{boss}"])
def test_a_filter_does_not_tell_if_somebody_outside_exists(
    app: App, north: North, people: People, stranger: str
) -> None:
    api = Api(app, people.token_for(north.boris))
    known, unknown = stranger.format(boss=north.boss.id), "nobody@secret.example" if "@" in stranger else "nobody"
    unknown = str(uuid4()) if "{" in stranger else unknown
    for query in ("attr.boss={}", "q=boss:{}"):
        answers = {}
        for name in (known, unknown):
            page, listed = north.browser.get(f"/users?{query.format(name)}"), api.get(f"/users?{query.format(name)}")
            texts = (page.text, listed.get_data(as_text=True))
            answers[name] = [page.status_code, listed.status_code, *("does not exist" in text for text in texts)]
        assert answers[known] == answers[unknown], query


def test_a_group_does_not_tell_if_somebody_outside_exists(app: App, access: Access, north: North) -> None:
    # Boris cannot give this role, so that he is refused for it before anybody looks at the person.
    access.grant(AUDITOR, group_id=north.group_id)
    path = f"/groups/{north.group_id}/members"
    answers = [north.browser.post(path, person=name) for name in (north.boss.email, "nobody@secret.example")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert ["This user does not exist" in answer.text for answer in answers] == [True, True]


def test_a_future_member_outside_is_not_named(app: App, access: Access, north: North, people: People) -> None:
    access.add_member(north.group_id, north.boss.id, starts_at=now() + timedelta(days=1))
    api = Api(app, people.token_for(north.boris))
    listed = api.get(f"/groups/{north.group_id}/members?state=future")
    assert listed.json["items"] == []
    assert not names_boss(north.browser.get(f"/groups/{north.group_id}").text)


REQUESTS = ("", "/edit", "/deletion"), ("", "/deletion", "/restoration", "/members", "/roles")


def test_groups_outside_are_not_found(app: App, access: Access, north: North, people: People) -> None:
    foreign, deleted = access.group("Secret club"), access.group("Secret past")
    with app.app_context():
        delete_group(deleted, by=TESTER)
    before = people.row_counts()
    for group_id in (foreign, deleted, uuid4()):
        answers = [north.browser.get(f"/groups/{group_id}{part}") for part in REQUESTS[0]]
        form = {"name": "Renamed", "version": 1, "person": north.anna.email, "role": str(AUDITOR)}
        answers += [north.browser.post(f"/groups/{group_id}{part}", **form) for part in REQUESTS[1]]
        assert [answer.status_code for answer in answers] == [404] * len(answers), group_id
        assert not any("Secret" in answer.text for answer in answers)
    assert people.row_counts() == before
    assert "Secret" not in north.browser.get("/users").text


def test_nothing_is_put_into_a_group_outside(app: App, access: Access, north: North, people: People) -> None:
    foreign, api = access.group("Secret club"), Api(app, people.token_for(north.boris))
    before = people.row_counts()
    texts = []
    for group_id, name in ((foreign, "Secret club"), (uuid4(), "Nothing")):
        given = {"email": "new@example.com", "name": "New"}
        answers = [
            north.browser.post(f"/users/{north.anna.id}/groups", group=str(group_id)),
            north.browser.post(f"/users/{north.anna.id}/roles", role=str(ADMINISTRATOR), within=str(group_id)),
            north.browser.post("/groups", name="Inside", parent_id=str(group_id)),
            north.browser.post("/users", **given, groups=str(group_id)),
            api.post("/users", given | {"groups": [str(group_id)]}),
            api.post("/users", given | {"groups": [name]}),
            north.browser.get(f"/users?group={name}"),
            north.browser.get(f"/users?q=group:%22{name}%22"),
        ]
        texts.append(
            [(each.status_code, "do not let you" in each.text, "does not exist" in each.text) for each in answers]
        )
    assert texts[0] == texts[1]
    assert people.row_counts() == before


def test_a_bulk_change_of_somebody_else_is_not_found(
    app: App, access: Access, north: North, owner: Browser, people: People
) -> None:
    path = owner.post("/bulk", action="deactivate", ids=str(north.boss.id)).location
    # An auditor of jobs who sees only the people of North does not see changes of others either.
    vera = access.person("Vera")
    access.grant(access.role("Jobs", "jobs.read"), user_id=vera.id)
    access.grant(AUDITOR, user_id=vera.id, scope_id=north.group_id)
    for browser in (north.browser, access.browser_of(vera)):
        assert browser.get(path).status_code == 404
        for part in ("plan", "application", "stop", "undo"):
            assert browser.post(f"{path}/{part}").status_code == 404
        assert path not in browser.get("/bulk").text
    assert people.row(id=north.boss.id)["deactivated_at"] is None
    assert access.browser_of(access.person("Auditor", roles=[AUDITOR])).get(path).status_code == 200
