"""The worker of a running Rollcall pushes events within seconds, and its loops survive errors."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.event_stream.receivers import make_certificate, syslog_receiver
from tests.processes import wait_until
from tests.server import SECRET_KEY, running_server
from webapp import create_app
from webapp.jobs.background_loops import BackgroundLoop, BackgroundLoops, LoopThreads
from webapp.settings import load_settings
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_a_worker_pushes_events(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    trust = {"SSL_CERT_FILE": str(certificate), "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
    with syslog_receiver(certificate) as receiver, running_server(tmp_path, **trust):
        settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/rollcall.db", "SECRET_KEY": SECRET_KEY, **trust}
        runner = create_app(load_settings({"APP_ENV": "testing", **settings})).test_cli_runner()
        address = f"syslog+tls://127.0.0.1:{receiver.port}"
        assert runner.invoke(args=["event-stream", "set", address]).exit_code == 0
        assert runner.invoke(args=["event-stream", "pause"]).exit_code == 0
        assert runner.invoke(args=["event-stream", "resume"]).exit_code == 0
        wait_until(lambda: len(receiver.types) == 3, what="three events", seen=lambda: receiver.types)
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
