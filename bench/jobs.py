"""python -m bench.jobs: enqueued and finished jobs per second, compared with bare Celery on the same broker.

The jobs do nothing. The floor is Celery that sends and runs the same number of tasks that do nothing. Both use a worker
with two threads. A job costs more because its row is inserted, acquired and finished. The last column is the time that
enqueueing a job adds to a page.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from celery import Celery
from sqlalchemy import func, select

from bench.instances import SERVER, temporary_instance
from webapp import create_app
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.jobs.models import Job, State
from webapp.jobs.services import enqueue
from webapp.settings import load_settings
from webapp.web.api import App
from webapp.worker import run_worker

BROKERS = {"redis": "redis://127.0.0.1:6379/9", "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//", "sqlite": ""}
BY = Actor(ActorKind.SYSTEM, "bench")
PATIENCE_SECONDS = 300


@job_kind("bench.nothing", label="Nothing")
def nothing(run: JobRun) -> None:
    run.finish()


@job_kind("bench.bulk", label="Bulk")
def bulk(run: JobRun) -> None:
    """Insert one row in each step, and commit `chunk` steps together."""
    start, steps = run.checkpoint or 0, run.arguments["steps"]
    end = min(start + run.arguments["chunk"], steps)
    for step in range(start, end):
        run.add_message(f"step {step}")
    if end == steps:
        run.finish()
        return
    run.advance(end, done=end - start, total=steps)


def bare(url: str, done: Path) -> Celery:
    """Return a Celery app with a task that does nothing. The last of the tasks writes the time to the file `done`."""
    app = Celery("bare", broker=url)
    app.conf.update(task_ignore_result=True, task_default_queue="bare", worker_prefetch_multiplier=1)
    runs = iter(range(1, sys.maxsize))

    @app.task(name="bare.nothing")
    def nothing(last: int) -> None:
        if next(runs) == last:
            done.write_text(str(time.time()))

    return app


def _with_kinds(app: App) -> App:
    app.registry.get(JobKinds).register(nothing, bulk)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.jobs")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--brokers", default="redis,sqlite")
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--worker", choices=["ours", "bare"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        run_worker_process(args.worker)
        return
    print("| broker | jobs | Rollcall, per second | bare Celery, per second | ratio | enqueue, ms |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in args.brokers.split(","):
        with (
            temporary_instance("postgresql", 10, server=args.server) as instance,
            tempfile.TemporaryDirectory() as folder,
        ):
            url = BROKERS[name] or f"sqla+sqlite:///{folder}/broker.db"
            environment = instance.environment | {"CELERY_BROKER_URL": url, "BENCH_DONE": f"{folder}/done"}
            floor = measure_bare(environment, args.jobs)
            ours, enqueuing = measure_ours(environment, args.jobs)
            print(
                f"| {name} | {args.jobs:,} | {ours:,.0f} | {floor:,.0f} | {ours / floor:.2f}"
                f" | {enqueuing * 1000:.2f} |",
                flush=True,
            )


def run_worker_process(which: str) -> None:
    if which == "ours":
        run_worker(_with_kinds(create_app()))
    else:
        app = bare(os.environ["CELERY_BROKER_URL"], Path(os.environ["BENCH_DONE"]))
        app.worker_main(["--quiet", "worker", "--pool=threads", "--concurrency=2", "--queues=bare", "--loglevel=ERROR"])


@contextlib.contextmanager
def worker(which: str, environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.jobs", "--worker", which]
    process = subprocess.Popen(
        command, env=os.environ | environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        time.sleep(4)
        yield
    finally:
        process.terminate()
        process.wait(30)


def measure_bare(environment: dict[str, str], jobs: int) -> float:
    done = Path(environment["BENCH_DONE"])
    with worker("bare", environment):
        app = bare(environment["CELERY_BROKER_URL"], done)
        began = time.time()
        for _job in range(jobs):
            app.send_task("bare.nothing", (jobs,))
        deadline = began + PATIENCE_SECONDS
        while not done.exists() and time.time() < deadline:
            time.sleep(0.05)
        return jobs / (float(done.read_text()) - began)


def measure_ours(environment: dict[str, str], jobs: int) -> tuple[float, float]:
    """Return the jobs per second, and the median of the seconds that `enqueue` takes."""
    app = _with_kinds(create_app(load_settings(environment)))
    enqueuing = []
    with worker("ours", environment), app.app_context():
        began = time.time()
        for _job in range(jobs):
            start = time.perf_counter()
            enqueue("bench.nothing", by=BY)
            enqueuing.append(time.perf_counter() - start)
        deadline = began + PATIENCE_SECONDS
        while _unfinished() and time.time() < deadline:
            time.sleep(0.1)
        ended = db.session.scalar(select(func.max(Job.finished_at)).where(Job.kind == "bench.nothing"))
        db.engine.dispose()
        return jobs / (ended.timestamp() - began), statistics.median(enqueuing)


def _unfinished() -> int:
    db.session.rollback()
    query = select(func.count()).where(Job.kind == "bench.nothing", Job.state != State.DONE)
    return db.session.scalar(query) or 0


if __name__ == "__main__":
    main()
