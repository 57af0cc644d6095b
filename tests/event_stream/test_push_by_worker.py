"""A worker pushes events within seconds, and its loops survive errors."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.databases import copy_migrated_sqlite
from tests.event_stream.receivers import make_certificate, syslog_receiver
from tests.processes import Fork, wait_until
from tests.server import environment, free_port
from webapp import create_app
from webapp.jobs.background_loops import BackgroundLoop, BackgroundLoops, LoopThreads
from webapp.settings import load_settings
from webapp.web.api import App
from webapp.worker import run_worker

pytestmark = pytest.mark.one_engine


def work() -> None:
    run_worker(create_app())


def test_a_worker_pushes_events(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    copy_migrated_sqlite(tmp_path / "rollcall.db")
    trust = {"SSL_CERT_FILE": str(certificate), "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
    env = environment(tmp_path, free_port(), **trust)
    with syslog_receiver(certificate) as receiver:
        worker = Fork(work, output=tmp_path / "output.txt", env=env)
        try:
            runner = create_app(load_settings(env | {"APP_ENV": "testing"})).test_cli_runner()
            for arguments in (["set", f"syslog+tls://127.0.0.1:{receiver.port}"], ["pause"], ["resume"]):
                assert runner.invoke(args=["event-stream", *arguments]).exit_code == 0
            wait_until(lambda: len(receiver.types) == 3, what="three events", seen=lambda: worker.output_text)
        finally:
            worker.kill()
    assert receiver.types == ["event_push.created", "event_push.paused", "event_push.resumed"]


def test_a_loop_goes_on_after_an_error(app: App) -> None:
    rounds, stopping = [], threading.Event()

    def fail_once() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise ValueError

    loops = app.registry.get(BackgroundLoops)
    registered = loops[:]
    loops[:] = [BackgroundLoop("test", 0.01, fail_once)]
    threads = LoopThreads(app, stopping=stopping)
    loops[:] = registered
    threads.start()
    wait_until(lambda: len(rounds) > 2, what="three rounds")
    stopping.set()
    threads.join()
