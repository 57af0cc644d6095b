"""python -m bench.bulk [--users N] [--engines postgresql,sqlite]

The cost of a bulk change, compared with a floor: the same service in a loop, with one transaction for each person. It
measures 200 people within a request, thousands of people by a job, and the snapshot of all people, without HTTP.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import select

from bench.instances import ENGINES, SERVER, Instance, temporary_instance
from bench.timing import seconds_of
from webapp.bulk.models import REQUEST_PEOPLE_MAX, BulkChange, State
from webapp.bulk.services import apply_bulk_change, create_bulk_change, undo_bulk_change
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.directory.listing import matching_users
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.jobs.services import run_job
from webapp.users.models import Status, User
from webapp.users.queries import get_user_by_identifier
from webapp.users.services import deactivate_user, reactivate_user

ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bulk")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=3000, help="number of people that a job changes")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    args = parser.parse_args()
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance, instance.app.app_context():
            print(f"\n## {engine}, {args.users:,} users (filled in {instance.filled_in:.0f} s)\n", flush=True)
            by = _owner(instance)
            print_within_request(by)
            print_by_job(by, args.people)
            print_snapshot(by)


def print_within_request(by: Actor) -> None:
    """Measure preview, apply and undo within a request. The floor changes the same people, in turns."""
    ids = _active_ids(REQUEST_PEOPLE_MAX, but=by)
    times: dict[str, list[float]] = {"floor": [], "preview": [], "apply": [], "undo": []}
    for _round in range(ROUNDS):
        times["floor"].append(seconds_of(lambda: _change_each(deactivate_user, ids, by)))
        _change_each(reactivate_user, ids, by)
        began = time.perf_counter()
        bulk = create_bulk_change("deactivate", people=select(User).where(User.id.in_(ids)), by=by)
        times["preview"].append(time.perf_counter() - began)
        bulk_id, plan = bulk.id, bulk.plan_hash
        times["apply"].append(seconds_of(partial(apply_bulk_change, bulk_id, plan_hash=plan, by=by)))
        times["undo"].append(seconds_of(partial(undo_bulk_change, bulk_id, by=by)))
    floor = statistics.median(times["floor"])
    for name, taken in times.items():
        took = statistics.median(taken)
        print(f"{len(ids)} at once, {name}: {took * 1000:.0f} ms; ratio {took / floor:.2f}", flush=True)


def print_by_job(by: Actor, number: int) -> None:
    """Measure preview, apply and undo by jobs. The floor changes the same number of other people."""
    active = _active_ids(number * 2, but=by)
    ids, others = active[:number], active[number:]
    floor = seconds_of(lambda: _change_each(deactivate_user, others, by))
    bulk_id = create_bulk_change("deactivate", people=select(User).where(User.id.in_(ids)), by=by).id
    print(f"{number:,} by a loop of the service: {len(others) / floor:,.0f} people/s", flush=True)
    for name, begin in (
        ("preview", lambda: None),
        ("apply", lambda: apply_bulk_change(bulk_id, plan_hash=_bulk(bulk_id).plan_hash, by=by)),
        ("undo", lambda: undo_bulk_change(bulk_id, by=by)),
    ):
        begin()
        took = seconds_of(lambda: _run_job(bulk_id))
        print(f"{number:,} by a job, {name}: {number / took:,.0f} people/s; ratio {took / floor:.2f}", flush=True)
    if _bulk(bulk_id).state != State.UNDONE:
        raise RuntimeError(_bulk(bulk_id).state)


def print_snapshot(by: Actor) -> None:
    """Measure the snapshot of everyone who is not deleted."""
    began = time.perf_counter()
    bulk = create_bulk_change("add_role", people=matching_users(UserListQuery(), Viewer()).query, by=by)
    took = time.perf_counter() - began
    print(f"Snapshot of {bulk.total:,} people: {took:.2f} s, {bulk.total / took:,.0f} people/s", flush=True)


def _run_job(bulk_id: UUID) -> None:
    job_id = _bulk(bulk_id).job_id
    if job_id is None:
        raise RuntimeError("There is no job.")
    run_job(job_id, holder="bench")


def _bulk(bulk_id: UUID) -> BulkChange:
    return db.session.get_one(BulkChange, bulk_id, populate_existing=True)


def _active_ids(number: int, *, but: Actor) -> list[UUID]:
    query = (
        select(User.id).where(User.status == Status.ACTIVE, User.id != but.id).order_by(User.id.desc()).limit(number)
    )
    return list(db.session.scalars(query))


def _change_each(change: Callable[..., object], ids: Sequence[UUID], by: Actor) -> None:
    for user_id in ids:
        change(user_id, by=by)


def _owner(instance: Instance) -> Actor:
    user = get_user_by_identifier(instance.owner.email)
    return Actor(ActorKind.USER, user.name, user.id)


if __name__ == "__main__":
    main()
