"""The processes of a deployment under test. They know the kinds of jobs of tests, and their intervals are short."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection

import webapp
from tests.factories import TESTER
from tests.jobs.kinds import create_app_with_kinds
from webapp import serve
from webapp.jobs import broker, leases, scheduler
from webapp.jobs.kinds import JobKinds
from webapp.jobs.services import enqueue
from webapp.settings import Settings
from webapp.web.api import App
from webapp.worker import run_worker

LEASE = timedelta(seconds=2)
EVERY = timedelta(seconds=1)
# A process that waits for a broker as long as this fails its test.
BROKER_SECONDS = 3600


def worker() -> None:
    """python -m webapp.worker"""
    run_worker(create_impatient_app())


def web_and_worker() -> None:
    """python -m webapp.serve"""
    # The supervisor's processes make their apps with it too.
    webapp.create_app = serve.create_app = create_impatient_app
    serve.main()


def producer(connection: Connection) -> None:
    """Enqueue jobs as a page does: for each (kind, arguments) of the connection send back the job's id."""
    broker.PUBLISH_SECONDS = BROKER_SECONDS
    app = create_impatient_app()
    while True:
        kind, arguments = connection.recv()
        with app.app_context():
            connection.send(enqueue(kind, by=TESTER, **arguments).id)


def create_impatient_app(settings: Settings | None = None) -> App:
    """Set seconds where there would be minutes. The kind of job FAULTS_REPEAT is also a schedule."""
    leases.LEASE = LEASE
    scheduler.ROUND_SECONDS = float(os.environ.get("FAULTS_TICK", "0.2"))
    app = create_app_with_kinds(settings)
    if name := os.environ.get("FAULTS_REPEAT"):
        kinds = app.registry.get(JobKinds)
        kinds.register(replace(kinds[name], interval=EVERY, every="Every second"))
    return app
