"""A filter has several values: in the address, in the search language, in the API, in commands, views and exports."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import update

from tests.access_factory import Access
from tests.attributes.conftest import Catalogue
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, HELPDESK
from webapp.bin.services import delete_user
from webapp.db.session import db
from webapp.users.models import User
from webapp.users.services import deactivate_user
from webapp.web.api import App

# Parameter, value, and the first names of the people that it finds. The search language has the same values.
FOUND = [
    ("status", "active,deactivated", "Deac Olga"),
    ("status", "deleted,deactivated", "Bin Deac"),
    ("status", "active,invited,deactivated,deleted", "Anna Bert Bin Cleo Deac Olga"),
    ("role", "Helpdesk,auditor", "Anna Bert"),
    ("role", '"Helpdesk"', "Anna"),
    ("role", "Helpdesk, Auditor", "Anna Bert"),
    ("group", "A,B", "Cleo"),
    ("group", '"A","B"', "Anna Bert"),
    ("group", 'Sales "North",A', "Anna Deac"),
    ("second_factor", "yes,no", "Anna Bert Cleo Deac Olga"),
    ("last_sign_in", "never,today", "Anna Cleo Deac Olga"),
    ("last_sign_in", "<30d", "Bert"),
    ("last_sign_in", "never,<30d", "Bert Cleo Deac Olga"),
    ("created", "today", "Anna Bert Cleo Deac Olga"),
    ("created", "yesterday,2001-01-01..2001-12-31", ""),
    ("created", "7d", "Anna Bert Cleo Deac Olga"),
    ("ending", "30", "Cleo"),
    ("attr.team", "sales,it", "Anna Bert"),
    ("attr.team", "IT,none", "Bert Cleo Olga"),
    ("attr.team", "north, east", "Deac"),
    ("attr.town", "Paris,Rome", "Anna Bert"),
    ("attr.town", "Paris, France", "Cleo"),
    ("attr.town", '"Paris, France","Rome"', "Bert Cleo"),
    ("attr.start", "7d", "Anna"),
    ("attr.start", "2001-01-01..2001-12-31,none", "Cleo Deac Olga"),
    ("attr.start", "+30d", "Anna Bert"),
    ("attr.size", "1,5", "Anna"),
    ("attr.size", "1..2,7..", "Anna Bert"),
]  # fmt: skip
TEAMS = [{"value": value, "label_en": label, "label_ru": label} for value, label in (
    ("sales", "Sales"), ("it", "IT"), ("north", "North, East")
)]  # fmt: skip


@pytest.fixture
def crowd(app: App, people: People, access: Access) -> None:
    catalogue = Catalogue(app, people)
    for key, kind in (("town", "text"), ("start", "date"), ("size", "number")):
        catalogue.define(key, kind)
    catalogue.define("team", "choice", choices=TEAMS)
    today = datetime.now(UTC).date()
    values = {
        "Anna": {"team": "sales", "town": "Paris", "start": str(today), "size": 1.5},
        "Bert": {"team": "it", "town": "Rome", "start": str(today + timedelta(days=9)), "size": 8},
        "Cleo": {"town": "Paris, France", "start": "2001-01-01"},
        "Deac": {"team": "north"},
        "Bin": {},
    }
    made = {name: people.create(name=name, attributes=fields) for name, fields in values.items()}
    people.owner()
    access.grant(HELPDESK, user_id=made["Anna"].id)
    access.grant(AUDITOR, user_id=made["Bert"].id)
    for name, member in (("A", "Anna"), ("B", "Bert"), ("A,B", "Cleo"), ('Sales "North"', "Deac")):
        access.add_member(access.group(name), made[member].id)
    with app.app_context():
        deactivate_user(made["Deac"].id, by=TESTER)
        delete_user(made["Bin"].id, by=TESTER)
        for name, ago in (("Anna", 0), ("Bert", 60)):
            seen = datetime.now(UTC) - timedelta(days=ago)
            db.session.execute(update(User).where(User.id == made[name].id).values(last_sign_in_at=seen))
        ends = datetime.now(UTC) + timedelta(days=3)
        db.session.execute(update(User).where(User.id == made["Cleo"].id).values(ends_at=ends))
        db.session.commit()


def names(api: Api, **parameters: str) -> str:
    response = api.get("/users", query_string=parameters)
    assert response.status_code == 200, (parameters, response.json)
    found = [user["name"].split()[0] for user in response.json["items"]]
    return " ".join(sorted(found)).replace("Ольга", "Olga")


def as_term(parameter: str, value: str) -> str:
    """Return the same condition in the search language, in which spaces are quoted."""
    field = parameter.removeprefix("attr.")
    if " " in value and '"' not in value:
        value = ",".join(f'"{each.strip()}"' for each in value.split(",")) if field == "role" else f'"{value}"'
    return f"{field}:{value}"


def test_addresses_and_searches_find_the_same_people(api: Api, crowd: None) -> None:
    for parameter, value, found in FOUND:
        assert names(api, **{parameter: value}) == found, (parameter, value)
        if "North" not in value:
            assert names(api, q=as_term(parameter, value)) == found, as_term(parameter, value)


def test_values_of_a_search_can_be_negated_and_quoted(api: Api, crowd: None) -> None:
    assert names(api, q="-status:active,invited") == "Deac"
    assert names(api, q='group:"Sales ""North""",A') == "Anna Deac"
    assert names(api, q="name:ann,bert -role:Auditor") == "Anna"
    assert names(api, q="статус:активные,отключенные") == "Deac Olga"


def test_two_words_for_one_status_are_one_status(owner: Browser, crowd: None) -> None:
    assert 'value="restore"' in owner.get("/users?q=status:deleted").text
    assert 'value="restore"' in owner.get("/users?q=status:deleted,bin").text


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "query",
    ["status=,", "status=active,nope", "role=,", "role=Helpdesk,King", "created=..", "created=7d,soon", "ending=0",
     "last_sign_in=2026-03-02..2026-03-01", "attr.team=sales,nope", "q=status:,", "q=status:active,nope",
     "q=created:custom", "q=anna+role:%22%22", "role=" + ",".join(map(str, range(21)))],
)  # fmt: skip
def test_what_is_not_understood_is_400(api: Api, crowd: None, query: str) -> None:
    response = api.get(f"/users?{query}")
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, query.partition("=")[0])


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("sent", "clean"),
    [
        ("form=filters&q=&status=&role=&attr.team=", ""),
        ("form=filters&status=&sort=-name", "sort=-name"),
        ("status=active&status=invited&view=all", "status=active,invited&view=all"),
        ("group=A,B&group=B", 'group="A,B","B"'),
        ("created=custom&created.from=2026-01-01&created.to=", "created=2026-01-01.."),
        ("created=&created.from=2026-01-01", ""),
        ("created=7d&created.from=2026-01-01&created.to=", "created=7d"),
        ("created=custom&created.from=&created.to=", "created=.."),
        ("attr.size.from=5&attr.size.to=10", "attr.size=5..10"),
    ],
)
def test_what_a_form_sends_becomes_a_clean_address(owner: Browser, sent: str, clean: str) -> None:
    response = owner.get(f"/users?{sent}")
    assert response.status_code == 303
    path, _sign, query = response.location.partition("?")
    assert (path, query) == ("/users", quote(clean, safe="=&-.") if clean else "")


@pytest.mark.one_engine
def test_clean_addresses_and_an_empty_search_stay(owner: Browser, crowd: None) -> None:
    for query in (
        "q=",
        "q=&at=&after=&view=&status=",
        "status=active,deleted&q=",
        "role=Helpdesk",
        "created=7d",
        "limit=25",
    ):
        assert owner.get(f"/users?{query}").status_code == 200, query


@pytest.mark.one_engine
def test_each_value_has_a_chip_that_removes_it(owner: Browser, crowd: None) -> None:
    query = {"status": "active,deleted", "role": "Helpdesk,Auditor", "created": "7d", "attr.team": "sales,none"}
    page = owner.get("/users?" + urlencode(query)).text
    for label in ("Status Active", "Status Deleted", "Role Helpdesk", "Created last 7 days", "Team no value"):
        assert f'aria-label="Remove filter: {label}"' in page
    assert 'href="/users?status=deleted&amp;role=Helpdesk%2CAuditor&amp;created=7d' in page
    assert "status=active%2Cdeleted&amp;role=Auditor&amp;" in page
    assert 'aria-current="true">Everyone' not in page


@pytest.mark.one_engine
def test_commands_views_and_bulk_changes_use_them(app: App, owner: Browser, crowd: None) -> None:
    run = app.test_cli_runner()
    for options in (["--status", "active,deactivated"], ["--status", "active", "--status", "deactivated"],
                    ["--filter", "status=active", "--filter", "status=deactivated"]):  # fmt: skip
        output = run.invoke(args=["users", "list", *options]).output
        assert ("Deac" in output, "Ольга" in output, "Anna" in output) == (True, True, False)
    assert "Anna" in run.invoke(args=["users", "list", "--filter", "role=Helpdesk,Auditor"]).output
    assert run.invoke(args=["users", "list", "--status", "active,nope"]).exit_code == 2
    assert run.invoke(args=["users", "list", "--filter", "stauts=active"]).exit_code == 1
    assert owner.post("/views", name="Two", address="status=active,deactivated&role=Helpdesk,Owner").status_code == 303
    page = owner.get("/views").text
    assert "1 person" in page
    sent = owner.post("/bulk", action="export", all="1", view="status=active,deactivated&created=today")
    assert sent.status_code == 303
    assert "2 people" in owner.get(sent.location).text


@pytest.mark.one_engine
def test_the_form_of_an_address_without_filters_chooses_nothing(owner: Browser, crowd: None) -> None:
    page = " ".join(owner.get("/users/filters?q=anna").text.split())
    assert page.count('class="filter-field" open') == 1
    checked = re.findall(r'<input type="(?:radio|checkbox)" name="[^"]+" value="([^"]*)" checked>', page)
    assert checked == [""] * len(checked) != []


@pytest.mark.one_engine
def test_the_form_takes_over_the_filters_of_the_search(owner: Browser, crowd: None) -> None:
    page = " ".join(owner.get("/users/filters?q=anna+status:active,invited+-role:Owner&status=").text.split())
    for value in ("active", "invited"):
        assert f'name="status" value="{value}" checked>' in page
    assert 'name="q" value="anna -role:Owner"' in page
    assert "status:active,invited" in page
