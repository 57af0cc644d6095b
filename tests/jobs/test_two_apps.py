"""Two apps in one process have brokers, kinds of jobs and metrics of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import copy_migrated_sqlite
from tests.factories import TESTER
from tests.jobs.test_notifier import published
from webapp import create_app
from webapp.core.errors import Refused
from webapp.jobs.broker import TASK
from webapp.jobs.consumer import consume
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.jobs.notifier import Notifier
from webapp.jobs.services import enqueue
from webapp.settings import load_settings
from webapp.web.api import App


@pytest.fixture
def apps(tmp_path: Path) -> tuple[App, App]:
    return _app(tmp_path / "first"), _app(tmp_path / "second")


def _app(folder: Path) -> App:
    folder.mkdir()
    copy_migrated_sqlite(folder / "rollcall.db")
    urls = {
        "DATABASE_URL": f"sqlite:///{folder}/rollcall.db",
        "CELERY_BROKER_URL": f"sqla+sqlite:///{folder}/broker.db",
    }
    return create_app(load_settings({"APP_ENV": "testing"} | urls))


@job_kind("test.own", label="Own")
def own(run: JobRun) -> None:
    run.finish()


def test_a_notification_reaches_only_the_broker_of_its_app(apps: tuple[App, App]) -> None:
    first, second = (app.registry.get(Notifier) for app in apps)
    with apps[1].app_context():
        enqueue("jobs.purge", by=TESTER)
    for notifier in (first, second):
        notifier.flush()
    assert (published(first.broker), published(second.broker)) == (0, 1)


def test_a_message_wakes_only_the_worker_of_its_app(apps: tuple[App, App], monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    brokers = [app.registry.get(Notifier).broker for app in apps]
    for name, broker in zip(("first", "second"), brokers, strict=True):
        monkeypatch.setattr(broker.celery, "worker_main", lambda _arguments: None)
        consume(broker, lambda name=name: woken.append(name))
    brokers[1].celery.tasks[TASK]()
    assert woken == ["second"]


def test_a_kind_of_job_is_known_only_to_the_app_that_registered_it(apps: tuple[App, App]) -> None:
    apps[0].registry.get(JobKinds).register(own)
    with apps[0].app_context():
        enqueue("test.own", by=TESTER)
    with apps[1].app_context(), pytest.raises(Refused):
        enqueue("test.own", by=TESTER)
