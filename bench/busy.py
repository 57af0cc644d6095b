"""python -m bench.busy: response times of the list of people while a bulk job runs, compared with an idle worker.

It starts gunicorn and a worker like `make run`. Rounds with an idle worker (quiet) and with a job (busy) alternate.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator

from sqlalchemy import select

from bench.instances import ENGINES, SERVER, Instance, temporary_instance
from bench.jobs import BY, worker
from bench.servers import Client, rollcall
from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.jobs.services import cancel_job, enqueue

STEPS = 50_000
PATH = "/users"
WARM = 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.busy")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=3, help="number of quiet and of busy rounds")
    parser.add_argument("--requests", type=int, default=200, help="requests in each round")
    parser.add_argument("--chunk", type=int, default=500, help="steps of the job that are committed together")
    args = parser.parse_args()
    print("| engine | quiet ms | p95 | busy ms | p95 | ratio of p95 | steps a second |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for engine in args.engines.split(","):
        with (
            temporary_instance(engine, args.users, server=args.server) as instance,
            tempfile.TemporaryDirectory() as folder,
        ):
            print(f"| {engine} | {measure(instance, folder, args)} |", flush=True)


def measure(instance: Instance, folder: str, args: argparse.Namespace) -> str:
    environment = instance.environment | {"CELERY_BROKER_URL": f"sqla+sqlite:///{folder}/broker.db", "BENCH_DONE": ""}
    quiet: list[float] = []
    busy: list[float] = []
    speeds: list[float] = []
    with rollcall(environment), worker("ours", environment), instance.app.app_context():
        client = Client(environment["BIND"])
        client.sign_in(instance.owner.email, instance.owner.password)
        _seconds(client, WARM)
        for _round in range(args.rounds):
            quiet += _seconds(client, args.requests)
            with _running_job(args.chunk, speeds):
                busy += _seconds(client, args.requests)
    figures = [*_figures(quiet), *_figures(busy)]
    cells = " | ".join(f"{figure * 1000:.2f}" for figure in figures)
    return f"{cells} | {figures[3] / figures[1]:.2f} | {statistics.mean(speeds):,.0f}"


@contextlib.contextmanager
def _running_job(chunk: int, speeds: list[float]) -> Iterator[None]:
    """Run a bulk job during the `with` block. Append its steps per second to `speeds`."""
    job_id = enqueue("bench.bulk", by=BY, steps=STEPS, chunk=chunk).id
    while not _job(job_id)[1]:
        time.sleep(0.1)
    (_state, before), began = _job(job_id), time.monotonic()
    yield
    (state, after), seconds = _job(job_id), time.monotonic() - began
    if state != State.RUNNING:
        raise RuntimeError(f"the job was {state} before the pages were measured: use fewer --requests")
    speeds.append((after - before) / seconds)
    cancel_job(job_id, by=BY)
    while _job(job_id)[0] == State.RUNNING:
        time.sleep(0.1)


def _job(job_id: object) -> tuple[str, int]:
    state, done = db.session.execute(select(Job.state, Job.done).where(Job.id == job_id)).one()
    # PostgreSQL closes connections that are idle in a transaction (idle_in_transaction_session_timeout).
    db.session.rollback()
    return state, done


def _seconds(client: Client, requests: int) -> list[float]:
    return [client.get(PATH).seconds for _request in range(requests)]


def _figures(times: list[float]) -> tuple[float, float]:
    """Return median and 95th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
