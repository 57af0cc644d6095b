"""python -m bench.busy: response times of the list of people while a job runs, compared with an idle worker.

It starts gunicorn and a worker like `make run`. Rounds with an idle worker (quiet) and with a job (busy) alternate.
`--job bulk`: a job that inserts one row a step. `--job import`: an import of new people is applied.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import select

from bench.instances import ENGINES, SERVER, Instance, temporary_instance
from bench.jobs import BY, worker
from bench.servers import Client, rollcall
from webapp.core.ids import new_id
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.imports.creating import upload_file
from webapp.imports.files.info import FileInfo
from webapp.imports.models import Import
from webapp.imports.options import Options
from webapp.imports.services import apply_import, preview_import, stop_import
from webapp.jobs.models import Job, State
from webapp.jobs.services import cancel_job, enqueue
from webapp.users.models import User

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
    parser.add_argument("--job", choices=["bulk", "import"], default="bulk")
    parser.add_argument("--chunk", type=int, default=500, help="steps of the bulk job that are committed together")
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the file that is imported in each round")
    args = parser.parse_args()
    print("| engine | quiet ms | p95 | busy ms | p95 | ratio of p95 | steps or rows a second |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for engine in args.engines.split(","):
        with (
            temporary_instance(engine, args.users, server=args.server) as instance,
            tempfile.TemporaryDirectory() as folder,
        ):
            print(f"| {engine} | {measure(instance, folder, args)} |", flush=True)


def measure(instance: Instance, folder: str, args: argparse.Namespace) -> str:
    environment = instance.environment | {"CELERY_BROKER_URL": f"sqla+sqlite:///{folder}/broker.db", "BENCH_DONE": ""}
    start = {"bulk": lambda _instance: _start_bulk(args.chunk), "import": lambda it: _start_import(it, args.rows)}[
        args.job
    ]
    quiet: list[float] = []
    busy: list[float] = []
    speeds: list[float] = []
    with rollcall(environment), worker("ours", environment), instance.app.app_context():
        client = Client(environment["BIND"])
        client.sign_in(instance.owner.email, instance.owner.password)
        _seconds(client, WARM)
        for _round in range(args.rounds):
            quiet += _seconds(client, args.requests)
            job_id, cancel = start(instance)
            with _running_job(job_id, speeds):
                busy += _seconds(client, args.requests)
            cancel()
            _wait_until_ended(job_id)
    figures = [*_figures(quiet), *_figures(busy)]
    cells = " | ".join(f"{figure * 1000:.2f}" for figure in figures)
    return f"{cells} | {figures[3] / figures[1]:.2f} | {statistics.mean(speeds):,.0f}"


def _start_bulk(chunk: int) -> tuple[UUID, Callable[[], object]]:
    """Return the ID of the job, and a function that cancels it."""
    job_id = enqueue("bench.bulk", by=BY, steps=STEPS, chunk=chunk).id
    return job_id, lambda: cancel_job(job_id, by=BY)


def _start_import(instance: Instance, rows: int) -> tuple[UUID, Callable[[], object]]:
    """Preview a file of new people, and start to apply it. Return the ID of the job, and a function that stops it."""
    by = Actor(ActorKind.USER, instance.owner.email, id=_owner_id(instance))
    batch = new_id().hex
    lines = (f"import{number}.{batch}@new.example.com,Анна Иванова {number}\n" for number in range(rows))
    file = io.BytesIO(("email,name\n" + "".join(lines)).encode())
    imported = upload_file(file, filename="people.csv", by=by)
    imported = preview_import(imported.id, Options(FileInfo.from_json(imported.info).mapping), by=by)
    _wait_until_ended(imported.job_id)
    imported = db.session.get_one(Import, imported.id, populate_existing=True)
    job_id = apply_import(imported.id, plan_hash=imported.plan_hash, by=by).job_id
    return job_id, lambda: stop_import(imported.id, by=by)


def _owner_id(instance: Instance) -> UUID:
    return db.session.scalars(select(User.id).where(User.email == instance.owner.email)).one()


@contextlib.contextmanager
def _running_job(job_id: UUID, speeds: list[float]) -> Iterator[None]:
    """Wait until the job runs. Append its steps per second during the `with` block to `speeds`."""
    while not _job(job_id)[1]:
        time.sleep(0.1)
    (_state, before), began = _job(job_id), time.monotonic()
    yield
    (state, after), seconds = _job(job_id), time.monotonic() - began
    if state != State.RUNNING:
        raise RuntimeError(f"the job was {state} before the pages were measured: use fewer --requests")
    speeds.append((after - before) / seconds)


def _wait_until_ended(job_id: UUID) -> None:
    while _job(job_id)[0] in {State.WAITING, State.RUNNING}:
        time.sleep(0.1)


def _job(job_id: UUID) -> tuple[str, int]:
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
