"""Search: spellings in both scripts, field filters, ranking, and the same pages for few and many matches."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.directory import skip_scan, sources
from webapp.directory.listing import list_users
from webapp.directory.plan import Matches, plan
from webapp.directory.queries import LISTED, SORTS
from webapp.directory.query import Query
from webapp.directory.query_language import Term, parse_search
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery
from webapp.lists import count as counting
from webapp.lists.order import Cursor, Order, Slice
from webapp.lists.page import Page
from webapp.users.models import ListedUser, User
from webapp.web.api import App

NO_MATCHES: list[str] = []
# Matches statements with a condition on `search_text`.
READS_TEXT = re.compile(r"LIKE|MATCH|(strpos|instr)\(users\.search_text")


def names(api: Api, words: str, **parameters: str) -> list[str]:
    return [user["name"] for user in api.get("/users", query_string={"q": words, **parameters}).json["items"]]


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("Антон Щукин", ["anton", "АНТОН", "Antón", "shchukin", "schukin", "щукин", "щук", "schuk"]),
        ("Ёлкин Юрий", ["елкин", "ёлкин", "elkin", "yuri", "iurii", "yury"]),
        ("Юлия Хабарова", ["yulia", "julia", "iuliia", "khabarova", "habarova"]),
        ("Julia Schmidt", ["юлия", "шмидт", "yulia", "schm", "sch"]),
        ("Наталья Евгеньева", ["natalya", "natalia", "evgen", "yevgen"]),
        ("王伟", ["wangwei", "王伟"]),
        ("Seán O’Brien", ["obrien", "o'brien", "o’brien", "oʼbrien", "o`brien", "o´brien", "brien", '"O\'Brien"']),
        ("Liam OBrien", ["o'brien", "OBRIEN", "o’bri", "liam o’brien"]),
        ("В'ячеслав Лук'яненко", ["вячеслав", "в’ячеслав", "лукяненко"]),
        ("Jörg Müller", ["muller", "müller", "mueller", "muell", "joerg mueller", "JÖRG"]),
        ("Joerg Mueller-Groß", ["müller", "muller", "mull", "jörg", "müller-gross", "mueller-groß"]),
        ("Łukasz Đukić", ["lukasz", "łukasz", "dukic", "đuk"]),
        ("Þóra Ægisdóttir", ["thora", "þóra", "aegis", "ægisd"]),
    ],
)
def test_a_name_is_found_by_its_spellings_in_both_scripts(
    api: Api, people: People, name: str, spellings: list[str]
) -> None:
    people.create(name=name, email="x1@nowhere.example")
    people.create(name="Zoë Quinn", email="x2@nowhere.example")
    assert {spelling: names(api, spelling) for spelling in spellings} == {spelling: [name] for spelling in spellings}


def test_quoted_words_match_only_their_exact_spelling(api: Api, people: People) -> None:
    people.create(name="Антон Иванов", email="a@nowhere.example")
    people.create(name="Anton Berg", email="b@nowhere.example")
    assert names(api, '"anton"') == ["Anton Berg"]
    assert names(api, '"anton berg"') == ["Anton Berg"]
    assert names(api, '"berg anton"') == NO_MATCHES
    assert names(api, "anton") == ["Anton Berg", "Антон Иванов"]
    assert names(api, "anton -berg") == ["Антон Иванов"]
    assert names(api, '-"anton berg" -ольга') == ["Антон Иванов"]


def test_one_or_two_letters_match_the_start_of_words(api: Api, people: People) -> None:
    people.create(name="Anna Berg", email="zz@nowhere.example")
    people.create(name="Berta Annason", email="anabel@nowhere.example")
    people.create(name="Joanna Berg", email="yy@nowhere.example")
    assert names(api, "an") == ["Anna Berg", "Berta Annason"]
    assert names(api, "be an") == ["Berta Annason"]
    assert names(api, "berta an") == ["Berta Annason"]
    assert names(api, "joanna b") == ["Joanna Berg"]


@pytest.fixture
def crowd(app: App, people: People, access: Access) -> None:
    """Create users who differ in all fields that can be filtered."""
    anton = people.create(name="Антон Иванов", email="anton@acme.example", username="anton", password=people.password)
    people.create(name="Boris Acme", email="boris@other.example", username="boss")
    gone = people.create(name="Clara Gone", email="clara@acme.example", username="clara", password=people.password)
    access.add_member(access.group("Северный филиал"), anton.id)
    access.grant(AUDITOR, user_id=anton.id)
    with app.app_context():
        moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
        db.session.execute(update(User).where(User.id == anton.id).values(last_sign_in_at=moment, created_at=moment))
        db.session.execute(update(User).where(User.id == gone.id).values(deactivated_at=moment))
        db.session.commit()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("email:acme.example", ["Clara Gone", "Антон Иванов"]),
        ("почта:acme.example", ["Clara Gone", "Антон Иванов"]),
        ("name:acme", ["Boris Acme"]),
        ("username:bo", ["Boris Acme"]),
        ("status:deactivated", ["Clara Gone"]),
        ("email:acme.example -status:deactivated", ["Антон Иванов"]),
        ("status:invited", ["Boris Acme"]),
        ("role:auditor", ["Антон Иванов"]),
        ('group:"северный филиал"', ["Антон Иванов"]),
        ('acme -group:"северный филиал"', ["Boris Acme", "Clara Gone"]),
        ("last_sign_in:<2026-03-02", ["Антон Иванов"]),
        ("last_sign_in:2026-03-01", ["Антон Иванов"]),
        ("last_sign_in:>2026-03-01 acme", NO_MATCHES),
        ("last_sign_in:..2026-03-01", ["Антон Иванов"]),
        ("last_sign_in:never acme", ["Boris Acme", "Clara Gone"]),
        ("created:2026-02-01..2026-03-31", ["Антон Иванов"]),
        ("created:>=2026-03-02 acme", ["Boris Acme", "Clara Gone"]),
    ],
)
def test_field_filters(crowd: None, api: Api, words: str, found: list[str]) -> None:
    assert names(api, words) == found


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"created_from": "2026-03-01", "created_to": "2026-03-01"}, ["Антон Иванов"]),
        ({"created_from": "2026-03-02"}, ["Boris Acme", "Clara Gone"]),
        ({"last_sign_in_before": "2026-03-02"}, ["Антон Иванов"]),
        ({"last_sign_in_before": "2026-03-01"}, NO_MATCHES),
        ({"last_sign_in_after": "2026-03-01"}, ["Антон Иванов"]),
        ({"never_signed_in": "1"}, ["Boris Acme", "Clara Gone"]),
        ({"never_signed_in": "1", "status": "deactivated", "sort": "-email"}, ["Clara Gone"]),
    ],
)
def test_words_and_filter_parameters_are_combined(
    crowd: None, api: Api, parameters: dict[str, str], found: list[str]
) -> None:
    assert names(api, "acme", **parameters) == found


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("foo:acme", "There is no field “foo”"),
        ('"acme', "A quotation mark is missing"),
        ("acme ---", None),
    ],
)
def test_a_part_without_sense_is_left_out_with_a_note(
    crowd: None, owner: Browser, words: str, note: str | None
) -> None:
    response = owner.get("/users", query_string={"q": words})
    assert response.status_code == 200
    assert note is None or note in response.text
    assert ("Boris" in response.text) == (not words.startswith("foo"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("acme status:", "directly after “status:”"),
        ("acme status:asleep", "There is no status “asleep”"),
        ("acme role:king", "There is no role “king”"),
        ("acme group:nowhere", "There is no group “nowhere”"),
        ("acme created:tomorrow", "“tomorrow” is not a date"),
        ("acme id:12", "“12” is not an ID"),
        (" ".join(["acme"] * 25), "at most 20 words"),
    ],
)
def test_a_condition_without_sense_is_explained_and_matches_nobody(
    crowd: None, owner: Browser, words: str, problem: str
) -> None:
    response = owner.get("/users", query_string={"q": words})
    assert response.status_code == 200
    assert problem in response.text
    assert "Boris" not in response.text


def test_better_matches_rank_first_in_every_sort_order(api: Api, people: People) -> None:
    people.create(name="Zed", email="anna@acme.example")
    people.create(name="Yves", email="yves@acme.example", username="anna")
    people.create(name="Aaron Hannan", email="first@acme.example")
    people.create(name="Anna Aaron", email="second@acme.example")
    people.create(name="Анна Смирнова", email="third@acme.example")
    assert names(api, "anna") == ["Yves", "Anna Aaron", "Анна Смирнова", "Aaron Hannan", "Zed"]
    assert names(api, "anna", sort="-name") == ["Yves", "Anna Aaron", "Анна Смирнова", "Zed", "Aaron Hannan"]
    assert names(api, "anna@acme.example", sort="created") == ["Zed"]


def test_a_match_at_the_start_of_a_name_ranks_before_one_inside(api: Api, people: People) -> None:
    for name in ("Zoë Smirnova", "Anton Kasmirnov", "Анна Смирнова", "Борис Смирнов", "Smirnov Ivan", "Anna Smirnoff"):
        people.create(name=name)
    found = names(api, "смирнов")
    assert found == [
        "Smirnov Ivan", "Анна Смирнова", "Борис Смирнов", "Ольга Смирнова", "Zoë Smirnova", "Anton Kasmirnov"
    ]  # fmt: skip
    assert names(api, "smirnov", sort="-name")[0] == "Smirnov Ivan"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("салтыков-щедрин", "Михаил Салтыков-Щедрин"),
        ("saltykov-shchedrin", "Михаил Салтыков-Щедрин"),
        ("щедрин-салт", "Михаил Салтыков-Щедрин"),
        ("anna–mariya", "Анна-Мария Берг"),
        ("о’коннор", "Шинейд О’Коннор"),
        ("o'connor", "Jean-Luc O'Connor"),
        ("жан-люк", ""),
        ("jean-luc", "Jean-Luc O'Connor"),
        ("-jean-luc o'connor", ""),
        ("зоя@почта.example", "Зоя Салтыкова"),
        ("Saltykova, Zoia", "Зоя Салтыкова"),
        ("салтыкова, зоя", "Зоя Салтыкова"),
        ("(saltykova)", "Зоя Салтыкова"),
        ("user-12", ""),
        ("zoia@", ""),
    ],
)
def test_names_with_punctuation_are_found_in_both_scripts(api: Api, people: People, typed: str, found: str) -> None:
    for name in ("Михаил Салтыков-Щедрин", "Анна-Мария Берг", "Шинейд О’Коннор", "Jean-Luc O'Connor"):
        people.create(name=name)
    people.create(name="Зоя Салтыкова", email="зоя@почта.example", username="user-1")
    assert names(api, typed) == ([found] if found else [])


@pytest.mark.parametrize("typed", ["anna berg", "Berg Anna", "берг анна"])
def test_a_match_of_all_words_in_the_name_ranks_first(api: Api, people: People, typed: str) -> None:
    people.create(name="Anna Aaron", email="berg@acme.example")
    people.create(name="Anna Bergman", email="first@acme.example")
    people.create(name="Берг Анна", email="second@acme.example")
    assert names(api, typed)[:2] in (["Anna Bergman", "Берг Анна"], ["Берг Анна", "Anna Bergman"])
    assert names(api, typed)[2:] == ["Anna Aaron"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("андрей", ["Яна", "Андрей"]),
        ("username:андрей", ["Яна"]),
        ('"андрей"', ["Яна", "Андрей"]),
        ("йо", ["Йод"]),
        ("йод", ["Йод"]),
        ("email:josé.k", ["José"]),
        ("email:josé.k@acme", ["José"]),
        ('"josé.k"', ["José"]),
        ("email:пример.рф", ["Иван"]),
        ("email:ivan@пример.рф", ["Иван"]),
        ("ivan@пример.рф", ["Иван"]),
        ('"пример.рф"', ["Иван"]),
        ("email:xn--e1afmkfd.xn--p1ai", ["Иван"]),
        ("ivan@xn--e1afmkfd.xn--p1ai", ["Иван"]),
        ("former:сергей", ["Пётр"]),
        ('"сергей"', ["Пётр"]),
    ],
)
def test_usernames_and_addresses_are_found_with_accents(api: Api, people: People, typed: str, found: list[str]) -> None:
    people.create(name="Андрей Берг", email="a@acme.example")
    people.create(name="Яна Берг", email="b@acme.example", username="андрей")
    people.create(name="Йод Берг", email="c@acme.example", username="йод")
    people.create(name="José Berg", email="josé.k@acme.example")
    people.create(name="Иван Берг", email="ivan@пример.рф")
    renamed = people.create(name="Пётр Берг", email="d@acme.example", username="сергей")
    assert api.patch(f"/users/{renamed.id}", json={"username": "petr"}).status_code == 200
    assert [name.split()[0] for name in names(api, typed)] == found


@pytest.mark.parametrize("typed", ["xn--ib9b", "email:xn--ib9b", '"xn--zvg"', "xn--fa.xn--", "email:xn--99999999"])
def test_invalid_idna_finds_no_one(api: Api, people: People, typed: str) -> None:
    """The cases: a lone surrogate, a bidi mark, a control character, and invalid Punycode."""
    response = api.get("/users", query_string={"q": typed})
    assert (response.status_code, response.json["items"]) == (200, [])


@pytest.mark.parametrize("sort", ["username", "-username"])
def test_a_list_can_start_at_a_letter_with_an_accent(api: Api, people: People, sort: str) -> None:
    for username in ("ива", "йод", "кот"):
        people.create(name="X", email=f"{len(username)}{username}@acme.example", username=username)
    page = api.get("/users", query_string={"sort": sort, "at": "йод", "limit": 1}).json
    assert [user["username"] for user in page["items"]] == ["йод"]


def test_a_dash_between_words_is_ignored(api: Api, people: People) -> None:
    people.create(name="Иван Петров", email="a@acme.example")
    people.create(name="Иван Берг", email="b@acme.example")
    assert names(api, "иван - петров") == names(api, "иван — петров") == ["Иван Петров"]


def test_quoted_text_is_not_parsed_as_a_field() -> None:
    search = parse_search('"a b: c"')
    assert ([term.text for term in search.terms], search.notes) == (["a b: c"], [])


@pytest.mark.parametrize("word", ["приглашён", "приглашен", "invited", '"без пароля"', '"No password yet"'])
def test_a_russian_status_can_be_written_with_or_without_dots(api: Api, people: People, word: str) -> None:
    people.create(name="Anna", email="a@acme.example")
    assert names(api, f"status:{word}") == ["Anna"]


def test_a_search_for_deleted_users_offers_to_restore_them(owner: Browser, people: People) -> None:
    anna = people.create(name="Anna", email="a@acme.example")
    assert owner.post(f"/users/{anna.id}/deletion").status_code == 303
    verbs = []
    for query in ("q=status:deleted", "status=deleted"):
        form = owner.get(f"/users?{query}").text.partition('id="bulk-form"')[2]
        verbs.append(re.findall(r'<option value="(\w+)">', form))
    assert verbs[0] == verbs[1]
    assert "restore" in verbs[0]


ORDERS = ("name", "-name", "email", "-username", "created", "-last_sign_in")


@pytest.fixture
def many(app: App, people: People, access: Access) -> None:
    """Create users with repeated sort keys, names with Anna at the start or inside, some of them in a group."""
    group = access.group("Team")
    for number in range(60):
        person = people.create(
            name=f"{'Anna' if number % 2 else 'Zoë'} {'Анна' if number % 5 == 0 else 'Berg'} {number % 7}",
            email=f"p{number}.{'anna' if number % 11 == 0 else 'x'}@acme.example",
            username=f"user{number}" if number % 4 else None,
        )
        if number % 3 == 0:
            access.add_member(group, person.id)
        if number % 5 == 0:
            # Several users sign in on the same day, so that sort keys repeat.
            with app.app_context(), transaction():
                seen = datetime(2024, 1, 1 + number % 3, tzinfo=UTC)
                db.session.execute(update(User).where(User.id == person.id).values(last_sign_in_at=seen))
    for number in range(12):
        people.create(name=f"{'Марианна' if number % 2 else 'Борис'} {number % 5}", email=f"c{number}@acme.example")
    # Characters that sort before and after a full stop.
    for first in ("ivan", "ivan-m", "ivan-k", "ivanm", "ivan_m"):
        people.create(name="I", email=f"{first}.berg@{len(first)}.example", username=f"{first}.berg")
        people.create(name="I", email=f"{first}@berg.example", username=first)


SEARCHES = [
    {"q": "anna"},
    {"q": "an"},
    {"q": "анна"},
    {"q": "берг"},
    {"q": "berg"},
    {"q": "anna -berg"},
    {"q": "anna berg"},
    {"q": "Berg Анна", "status": "invited"},
    {"q": '"anna" be acme'},
    {"q": "berg an", "group": "Team"},
    {"group": "Team"},
    {"q": "анна", "group": "Team"},
    {"q": "anna", "status": "invited"},
    {"q": "email:acme name:anna"},
    {"never_signed_in": "1", "created_from": "2020-01-01"},
    {"created_from": "2020-01-01"},
    {"last_sign_in_after": "2020-01-01"},
    {"last_sign_in_after": "2020-01-01", "created_from": "2020-01-01", "status": "invited"},
    {"q": "anna", "created_from": "2020-01-01", "created_to": "2040-01-01"},
]


# Only orders by name have a skip scan that stops at SKIP_BOUND.
SORTS_AND_BOUNDS = [*[(sort, 500) for sort in ORDERS], *[(sort, 1) for sort in ("name", "-name")]]


def test_pages_are_the_same_for_few_and_many_matches(
    many: None, app: App, api: Api, monkeypatch: pytest.MonkeyPatch, engine_name: str, exhaustive: bool
) -> None:
    """Each search is checked in every third order: the engines check different orders."""
    with app.test_request_context("/api/v1/users", headers=api.headers):
        app.preprocess_request()
        few = {sort: [_ids(_page(parameters, sort=sort, limit=200)) for parameters in SEARCHES] for sort in ORDERS}
        monkeypatch.setattr(counting, "COUNT_BOUND", 3)
        for sort, skip_bound in SORTS_AND_BOUNDS:
            # Each order has a small bound on one engine and a large one on the other.
            small = (ORDERS.index(sort) % 2 == 0) == (engine_name == "sqlite") and skip_bound > 1
            monkeypatch.setattr(sources, "SCAN_BOUND", 7 if small else 1000)
            monkeypatch.setattr(skip_scan, "SKIP_BOUND", skip_bound)
            for number, (parameters, ids) in enumerate(zip(SEARCHES, few[sort], strict=True)):
                if exhaustive or (number + ORDERS.index(sort) + (engine_name == "sqlite")) % 3 == 0:
                    _check_pages(parameters, sort, ids)


def _check_pages(parameters: dict[str, str], sort: str, ids: list[UUID]) -> None:
    """Check that about three pages, forwards and backwards, have these rows."""
    assert len(ids) > 5, (parameters, sort)
    limit = max(4, len(ids) // 3)
    first = _page(parameters, sort=sort, limit=limit)
    assert first.count == counting.Count(3, exact=False)
    assert _forwards(parameters, sort, first, limit=limit) == ids, (parameters, sort)
    assert _backwards(parameters, sort, first, limit=limit + 3) == ids, (parameters, sort)


def _page(parameters: dict[str, str], **options: Any) -> Page[ListedUser]:
    query = UserListQuery.model_validate(parameters | options)
    return list_users(query, current_viewer())


def _ids(page: Page[ListedUser]) -> list[UUID]:
    return [user.id for user in page.items]


def _forwards(parameters: dict[str, str], sort: str, page: Page[ListedUser], *, limit: int) -> list[UUID]:
    """Return the IDs of all pages from the first one forwards."""
    ids = _ids(page)
    while page.next:
        page = _page(parameters, sort=sort, limit=limit, after=page.next)
        ids += _ids(page)
    return ids


def _backwards(parameters: dict[str, str], sort: str, page: Page[ListedUser], *, limit: int) -> list[UUID]:
    """Return the IDs of all pages from the last one backwards, with a larger page size."""
    ids, cursor = list[UUID](), page.last
    while cursor:
        page = _page(parameters, sort=sort, limit=limit, before=cursor)
        ids = _ids(page) + ids
        cursor = page.previous
    # Backwards, the first page is filled up, so it repeats some rows.
    return list(dict.fromkeys(ids))


def _last_address(page: TestResponse) -> str:
    """Return the address of the last page from the Link header."""
    links = page.headers.getlist("Link")
    return next(link.split(";")[0].strip("<>").removeprefix("/api/v1") for link in links if 'rel="last"' in link)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("down", [False, True])
def test_a_skip_scan_skips_the_rows_between_matches(app: App, people: People, down: bool) -> None:
    """With two bounds on one side, SQLite can start at the farther one and read half of the names at each step."""
    steps = []
    for number in range(160):
        people.create(name=f"A{number} Berg")
        if number in {39, 159}:
            with app.app_context():
                steps.append(_steps_of_skip_scan(down=down))
    assert steps[1] < steps[0] * 6, steps


def _steps_of_skip_scan(*, down: bool) -> int:
    """Return the number of SQLite progress steps of a skip scan that finds all users with a family name."""
    query = Query(LISTED, Order.of("-name" if down else "name", SORTS, User.id), terms=[Term("berg")])
    scan = next(each for each in plan(query) if isinstance(each, skip_scan.SkipScan)).select(Slice(1000))
    steps: list[None] = []
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(None), 10)
        found = len(connection.execute(scan).all())
        # The progress handler replaced the one that limits statements, so nothing else can use this connection.
        connection.invalidate()
    assert found in {40, 160}
    return len(steps)


def test_the_last_page_has_no_next_page(api: Api, people: People) -> None:
    for number in range(7):
        people.create(name=f"P{number}")
    last = api.get(_last_address(api.get("/users?limit=3")))
    assert [user["name"] for user in last.json["items"]] == ["P5", "P6", "Ольга Смирнова"]
    assert last.json["next"] is None
    assert "last" not in str(last.headers.getlist("Link"))


@pytest.mark.parametrize(
    ("sort", "at", "first"),
    [("name", "C", "Clara"), ("name", "антон", "Антон"), ("-name", "b", "Bob"), ("created", "2026-02-01", "Bob")],
)
def test_a_list_can_start_at_letters_or_a_day(
    app: App, api: Api, people: People, sort: str, at: str, first: str
) -> None:
    for month, name in enumerate(("Anna", "Bob", "Clara", "Антон"), 1):
        person = people.create(name=name)
        with app.app_context():
            moment = datetime(2026, month, 10, tzinfo=UTC)
            db.session.execute(update(User).where(User.id == person.id).values(created_at=moment))
            db.session.commit()
    page = api.get("/users", query_string={"sort": sort, "at": at, "limit": 2}).json
    assert page["items"][0]["name"] == first
    before = api.get("/users", query_string={"sort": sort, "before": page["previous"], "limit": 1}).json
    assert before["next"] is not None


def test_a_start_that_is_not_a_day_is_400(api: Api) -> None:
    assert api.get("/users?sort=created&at=soon").status_code == 400


def test_a_skip_scan_that_is_cut_off_before_later_matches_loses_no_one(
    app: App, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts only the matches after the cursor, as the page does."""
    monkeypatch.setattr(skip_scan, "SKIP_BOUND", 3)
    monkeypatch.setattr(counting, "COUNT_BOUND", 3)
    crowd = [*["Aa Smith"] * 7, "Bb Jones", "Cc Jones", "Dd Jones", "Ee Jones", "Ff Smith"]
    for number, name in enumerate(crowd):
        people.create(name=name, email=f"{number}@acme.example")
    with app.app_context():
        query = Query(LISTED, Order.of("name", SORTS, User.id), terms=[Term("smith")])
        last, key, rank = tuple(Matches(query).fetch(Slice(6), exact=False)[0][-1])[:3]
        rest = Matches(query).fetch(Slice(4, Cursor(rank, key, last.id)), exact=False)[0]
    assert [row[0].name for row in rest] == ["Aa Smith", "Ff Smith"]


@pytest.mark.parametrize("name", ["created_from", "created_to", "last_sign_in_after", "last_sign_in_before"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "today", "\x00"])
def test_invalid_and_extreme_days_cause_no_error(app: App, owner: Browser, name: str, day: str) -> None:
    with app.app_context():
        # East of Greenwich, 0001-01-01 starts before the first datetime.
        db.session.execute(update(User).values(timezone="Asia/Tokyo"))
        db.session.commit()
    assert owner.get("/users", query_string={name: day}).status_code in {200, 400}


@pytest.mark.parametrize(("typed", "suggestion"), [("иваноф", "Антон Иванов"), ("antonn.ivanov", "Антон Иванов")])
def test_a_search_without_matches_suggests_similar_names(
    owner: Browser, people: People, typed: str, suggestion: str
) -> None:
    people.create(name="Антон Иванов", email="anton.ivanov@acme.example")
    page = owner.get("/users", query_string={"q": typed}).text
    assert "Did you mean" in page
    assert suggestion in page


@pytest.mark.parametrize(
    "query",
    [
        {"q": "антон", "status": "deactivated"},
        {"q": "антон иванов -acme"},
        # Cyrillic letters in an e-mail address and in a username.
        {"q": "аnton.ivаnov@acme.example"},
        {"q": '"аnton.ivanov"'},
    ],
)
def test_people_who_look_like_the_search_are_not_suggested(
    owner: Browser, people: People, query: dict[str, str]
) -> None:
    people.create(name="Антон Иванов", email="anton.ivanov@acme.example")
    page = owner.get("/users", query_string=query).text
    assert "No one matches" in page
    assert "Did you mean" not in page


def test_similar_people_are_suggested_beside_people_who_look_like_the_search(owner: Browser, people: People) -> None:
    for name in ("Антон Иванов", "Антонина Орлова", "Антоний Белов", "Антон Иванин"):
        people.create(name=name)
    page = owner.get("/users?q=антон+иванов&status=deactivated").text
    suggestions = page.partition("Did you mean")[2].partition("</p>")[0]
    assert "Антон Иванин" in suggestions
    assert "Антон Иванов" not in suggestions


def test_a_search_takes_four_statements_and_a_single_word_five(
    many: None, app: App, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def number_of_statements(address: str) -> int:
        with captured_queries(app) as seen:
            assert owner.get(address).status_code == 200
        return len(seen)

    # One of them reads the invitations of people without a password.
    assert number_of_statements("/users?q=anna+berg&never_signed_in=1&sort=-created") == 4
    # One more statement checks in the index of names whether there are many matches.
    assert number_of_statements("/users?q=anna&limit=4") == 5
    monkeypatch.setattr(counting, "COUNT_BOUND", 3)
    assert number_of_statements("/users?q=anna&limit=4") == 5
    assert number_of_statements("/users?q=anna&sort=created&limit=4") == 5


@pytest.mark.parametrize("words", ["%%%", "@@@", "___", "::::", '"%%%"', "-%%%", "😀😀😀"])
def test_words_without_letters_are_ignored_and_scan_no_text(
    app: App, api: Api, owner: Browser, people: People, words: str
) -> None:
    people.create(name="%%% @@@ ___ ::::")
    assert names(api, words) == NO_MATCHES
    with captured_queries(app) as seen:
        page = owner.get("/users", query_string={"q": words}).text
    assert "has no letter and no digit" in page
    assert not [statement for statement in seen if READS_TEXT.search(statement)]
    assert names(api, f"olga {words}") == ["Ольга Смирнова"]


@pytest.mark.parametrize("words", ["email:@@@", "name:%%%", "name:'", "username:_", "former:ab", "former:@@@"])
def test_field_filters_with_too_few_letters_scan_no_text(app: App, owner: Browser, words: str) -> None:
    with captured_queries(app) as seen:
        page = owner.get("/users", query_string={"q": words}).text
    assert "is too short" in page
    assert not [statement for statement in seen if READS_TEXT.search(statement)]


def test_negated_words_alone_scan_a_bounded_number_of_users(
    app: App, api: Api, owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        people.create(name=f"Anna {number}")
    monkeypatch.setattr(sources, "SCAN_BOUND", 5)
    monkeypatch.setattr(counting, "COUNT_BOUND", 3)
    assert names(api, "-zed -bob", limit="2") == ["Anna 0", "Anna 1"]
    with captured_queries(app) as seen:
        page = owner.get("/users", query_string={"q": "-anna"}).text
    assert "Too few people match" in page
    assert "Ольга Смирнова" not in page.partition("results")[2]
    assert all("LIMIT" in statement for statement in seen if READS_TEXT.search(statement))
    assert api.get("/users", query_string={"q": "-anna"}).status_code == 400


ODD_WORDS = [
    "%", "_%", "\\", "''", '"', '""', '"""', "-", "--", ":", "::", "-:", "(a OR b)", "a*", "NEAR(a b)", "😀",
    "é" * 100, "a:b:c", 'x" OR "1', "-" * 200, "a " * 100, "\u0301", "۱۲۳", "email:%", "name:_", "former:x", "id:",
    "created:..", "created:0000-00-00", "last_sign_in:<>2026-01-01", "status:*",
]  # fmt: skip


@pytest.mark.parametrize("sort", ["name", "-name", "email", "username", "-created"])
def test_any_search_is_accepted(
    owner: Browser, api: Api, monkeypatch: pytest.MonkeyPatch, sort: str, engine_name: str, exhaustive: bool
) -> None:
    # The paths for few and for many matches, each with one half of the words.
    for part, bound in enumerate((counting.COUNT_BOUND, -1)):
        monkeypatch.setattr(counting, "COUNT_BOUND", bound)
        for words in ODD_WORDS if exhaustive else ODD_WORDS[(part + (engine_name == "sqlite")) % 2 :: 2]:
            query = {"q": words, "sort": sort}
            if sort == "name":
                assert owner.get("/users", query_string=query).status_code == 200, words
            else:
                assert api.get("/users", query_string=query).status_code in {200, 400}, words
