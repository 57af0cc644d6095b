"""python -m bench.busy: how long a page takes while a bulk job runs, beside the same page while nothing does.

Real gunicorn, signed in, the list of people; a worker beside it as `make run` starts one. Quiet and busy take turns.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator

from sqlalchemy import select

from bench.jobs import BY, worker
from bench.places import ENGINES, Place, place
from bench.servers import Client, rollcall
from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.jobs.services import ask_for, cancel_job

STEPS = 50_000
PATH = "/users"
WARM = 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.busy")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--rounds", type=int, default=3, help="turns of quiet and busy")
    parser.add_argument("--requests", type=int, default=200, help="of each turn")
    parser.add_argument("--chunk", type=int, default=500, help="steps of the job that are committed together")
    given = parser.parse_args()
    print("| engine | quiet ms | p95 | busy ms | p95 | ratio of p95 | steps a second |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for engine in given.engines.split(","):
        with place(engine, given.users, server=given.server) as here, tempfile.TemporaryDirectory() as folder:
            print(f"| {engine} | {measured(here, folder, given)} |", flush=True)


def measured(here: Place, folder: str, given: argparse.Namespace) -> str:
    environment = here.environment | {"CELERY_BROKER_URL": f"sqla+sqlite:///{folder}/broker.db", "BENCH_DONE": ""}
    quiet: list[float] = []
    busy: list[float] = []
    speeds: list[float] = []
    with rollcall(environment), worker("ours", environment), here.app.app_context():
        client = Client(environment["BIND"])
        client.sign_in(here.owner.email, here.owner.password)
        _seconds(client, WARM)
        for _round in range(given.rounds):
            quiet += _seconds(client, given.requests)
            with _bulk(given.chunk, speeds):
                busy += _seconds(client, given.requests)
    figures = [*_figures(quiet), *_figures(busy)]
    cells = " | ".join(f"{figure * 1000:.2f}" for figure in figures)
    return f"{cells} | {figures[3] / figures[1]:.2f} | {statistics.mean(speeds):,.0f}"


@contextlib.contextmanager
def _bulk(chunk: int, speeds: list[float]) -> Iterator[None]:
    """A bulk job that runs as long as the block; how many steps a second it made is added to `speeds`."""
    job_id = ask_for("bench.bulk", by=BY, steps=STEPS, chunk=chunk).id
    while not _job(job_id)[1]:
        time.sleep(0.1)
    (_state, before), began = _job(job_id), time.monotonic()
    yield
    (state, after), seconds = _job(job_id), time.monotonic() - began
    if state != State.RUNNING:
        raise RuntimeError(f"the job was {state} before the pages were measured: ask for fewer requests")
    speeds.append((after - before) / seconds)
    cancel_job(job_id, by=BY)
    while _job(job_id)[0] == State.RUNNING:
        time.sleep(0.1)


def _job(job_id: object) -> tuple[str, int]:
    state, done = db.session.execute(select(Job.state, Job.done).where(Job.id == job_id)).one()
    # PostgreSQL ends the connection of a transaction that lies idle while pages are measured.
    db.session.rollback()
    return state, done


def _seconds(client: Client, requests: int) -> list[float]:
    return [client.get(PATH).seconds for _request in range(requests)]


def _figures(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
