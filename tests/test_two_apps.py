"""Two apps in one process do not affect each other: each has its own settings, registries, database and broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from tests.all_tables import delete_rows
from tests.clients import Browser
from tests.databases import copy_migrated_sqlite
from tests.factories import TESTER, People
from tests.jobs.kinds import create_app_with_kinds
from tests.jobs.test_notifier import published
from webapp import create_app
from webapp.core.errors import Refused
from webapp.db.session import db
from webapp.jobs.broker import TASK
from webapp.jobs.consumer import consume
from webapp.jobs.models import Job
from webapp.jobs.notifier import Notifier
from webapp.jobs.services import enqueue, run_job
from webapp.mail.services import send_mail
from webapp.settings import Settings, load_settings
from webapp.web.api import App

ROUNDS = 20


@pytest.fixture(scope="module")
def module_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[App]]:
    apps = []
    for name, create, method in (("a", create_app_with_kinds, "scrypt:512:8:1"), ("b", create_app, "scrypt:1024:8:1")):
        folder = tmp_path_factory.mktemp(name)
        (folder / "mail").mkdir()
        apps.append(create(settings_of(folder, name, method)))
    yield apps
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def apps(module_apps: list[App]) -> Iterator[list[App]]:
    """Two apps with different settings and empty databases. Only the first one has the job kinds of the tests."""
    yield module_apps
    for app in module_apps:
        with app.app_context(), db.engine.begin() as connection:
            delete_rows(connection)


def settings_of(folder: Path, name: str, method: str) -> Settings:
    copy_migrated_sqlite(folder / "rollcall.db")
    values = {
        "APP_ENV": "testing",
        "DATABASE_URL": f"sqlite:///{folder}/rollcall.db",
        "BIND": f"127.0.0.1:{8000 + ord(name)}",
        "CELERY_BROKER_URL": f"sqla+sqlite:///{folder}/broker.db",
        "MAIL_URL": f"file://{folder}/mail",
        "PASSWORD_HASH_METHOD": method,
        "SECRET_KEY": name * 40,
        "REASON_REQUIRED": "user.deactivated" if name == "a" else "",
    }
    return load_settings(values)


def in_each(apps: list[App], call: Callable[[App], object]) -> list[object]:
    """Call a function in the context of each app, the second one inside the first."""
    with apps[0].app_context():
        first = call(apps[0])
        with apps[1].app_context():
            second = call(apps[1])
        assert call(apps[0]) == first
    return [first, second]


def test_each_app_has_its_own_database(apps: list[App]) -> None:
    anna = People(apps[0]).create(name="Anna")
    assert [People(app).row(id=anna.id) is not None for app in apps] == [True, False]
    assert in_each(apps, lambda app: People(app).count()) == [1, 0]


def test_each_app_uses_its_own_hash_method(apps: list[App]) -> None:
    hashes = [People(app).row(id=People(app).owner().id)["password_hash"] for app in apps]
    assert [each.partition("$")[0] for each in hashes] == ["scrypt:512:8:1", "scrypt:1024:8:1"]


def test_each_app_accepts_only_its_own_cookies(apps: list[App]) -> None:
    for app in apps:
        People(app).owner()
    first, second = (Browser(app).signed_in_as("olga@example.com") for app in apps)
    assert [browser.get("/account").status_code for browser in (first, second)] == [200, 200]
    second.client.set_cookie(cookie_name(apps[1]), first.client.get_cookie(cookie_name(apps[0])).value)
    assert second.get("/account").status_code == 303


def test_two_instances_on_one_host_do_not_sign_each_other_out(apps: list[App]) -> None:
    """Browsers send cookies to each port of a host."""
    for app in apps:
        People(app).owner()
    first, second = (Browser(app).signed_in_as("olga@example.com") for app in apps)
    for browser, other in ((first, second), (second, first)):
        name = cookie_name(other.client.application)
        browser.client.set_cookie(name, other.client.get_cookie(name).value)
    assert [browser.get("/account").status_code for browser in (first, second)] == [200, 200]


def cookie_name(app: Flask) -> str:
    return app.config["SESSION_COOKIE_NAME"]


def test_each_app_requires_reasons_by_its_own_settings(apps: list[App]) -> None:
    statuses = []
    for app in apps:
        people = People(app)
        people.owner()
        anna = people.create(password=people.password)
        Browser(app).signed_in_as("olga@example.com").post(f"/users/{anna.id}/deactivation")
        statuses.append(people.row(id=anna.id)["status"])
    assert statuses == ["active", "deactivated"]


def test_each_app_has_its_own_job_kinds(apps: list[App]) -> None:
    with apps[0].app_context():
        enqueue("test.nothing", by=TESTER)
    with apps[1].app_context(), pytest.raises(Refused):
        enqueue("test.nothing", by=TESTER)


def test_a_notification_reaches_only_the_broker_of_its_app(apps: list[App]) -> None:
    notifiers = [app.registry.get(Notifier) for app in apps]

    def count_messages() -> list[int]:
        for notifier in notifiers:
            notifier.flush()
        return [published(notifier.broker) for notifier in notifiers]

    before = count_messages()
    with apps[1].app_context():
        enqueue("jobs.purge", by=TESTER)
    assert count_messages() == [before[0], before[1] + 1]


def test_a_message_wakes_only_the_worker_of_its_app(apps: list[App], monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    brokers = [app.registry.get(Notifier).broker for app in apps]
    for name, broker in zip(("first", "second"), brokers, strict=True):
        monkeypatch.setattr(broker.celery, "worker_main", lambda _arguments: None)
        consume(broker, lambda name=name: woken.append(name))
    brokers[1].celery.tasks[TASK]()
    assert woken == ["second"]


def test_each_app_sends_its_own_mail(apps: list[App]) -> None:
    for number, app in enumerate(apps):
        with app.app_context():
            for _time in range(number + 1):
                send_mail(to="anna@example.com", subject="Hello", text="Anna", by=TESTER)
            for job_id in db.session.scalars(select(Job.id)).all():
                run_job(job_id, holder="test")
    folders = [Path(app.settings.mail_url.removeprefix("file://")) for app in apps]
    assert [len(list(folder.iterdir())) for folder in folders] == [1, 2]


def test_concurrent_requests_to_both_apps_do_not_mix(apps: list[App]) -> None:
    for app, locale in zip(apps, ("en", "ru"), strict=True):
        owner = People(app).owner()
        Browser(app).signed_in_as("olga@example.com").post("/account/preferences", locale=locale)
        assert People(app).row(id=owner.id)["locale"] == locale
    barrier = Barrier(2, timeout=300)

    def request_titles(app: App) -> set[str]:
        browser, titles = Browser(app).signed_in_as("olga@example.com"), set()
        for _round in range(ROUNDS):
            barrier.wait()
            titles.add(browser.get("/users").text.partition("<h1")[2].partition(">")[2].partition("<")[0].strip())
        return titles

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(request_titles, apps)) == [{"Users"}, {"Пользователи"}]
