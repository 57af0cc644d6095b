"""Query plans of the statements of the list: indexes and times."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bench import pages
from bench.floors import Driver, capture
from bench.instances import Instance
from webapp.db.session import db
from webapp.signin.services import start_session
from webapp.users.models import User


@dataclass(frozen=True)
class Plan:
    page: str
    what: str
    milliseconds: float
    how: str


# What a statement is for, by what stands in it.
_WHAT = {"role_grants": "labels", "count(": "rows, counted", "audit_records": "trail"}


def print_plans(instance: Instance) -> None:
    print("| page | statement | ms | how |\n|---|---|---:|---|")
    for plan in plans(instance):
        print(f"| {plan.page} | {plan.what} | {plan.milliseconds:.2f} | {plan.how} |", flush=True)


def plans(instance: Instance) -> Iterator[Plan]:
    """Prints the plan of each statement that reads people."""
    cookies = signed_in(instance)
    driver = Driver(instance)
    for page in pages.directory(instance):
        for statement, parameters in capture(instance, page.path, cookies).statements:
            if "sessions" in statement:
                continue
            what = next((what for part, what in _WHAT.items() if part in statement), "rows")
            yield Plan(page.name, what, *_explained(driver, instance.engine, statement, parameters))
    driver.close()


def signed_in(instance: Instance) -> dict[str, str]:
    """Cookies of a session of the owner, created without the sign-in form."""
    app = instance.app
    with app.app_context():
        found = select(User).where(User.email_key == instance.owner.email, User.deleted_at.is_(None))
        owner = db.session.scalars(found).one()
        token = start_session(owner, address="127.0.0.1", agent="bench")
        db.session.commit()
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return {app.config["SESSION_COOKIE_NAME"]: serializer.dumps({"_user_id": token})}


def _explained(driver: Driver, engine: str, statement: str, parameters: Any) -> tuple[float, str]:
    cursor = driver.connection.cursor()
    times = []
    for _round in range(3):
        began = time.perf_counter()
        cursor.execute(statement, parameters)
        cursor.fetchall()
        times.append(time.perf_counter() - began)
    if engine == "sqlite":
        cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
        how = "; ".join(row[3] for row in cursor.fetchall())
    else:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, parameters)
        plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        how = "; ".join(_steps(plan[0]["Plan"])) + ("; JIT" if "JIT" in plan[0] else "")
    return min(times) * 1000, how


def _steps(node: dict[str, Any]) -> Iterator[str]:
    """The plan nodes that read or sort, outermost first."""
    if node["Node Type"] not in {"Limit", "Aggregate", "Subquery Scan", "Result", "Gather", "Gather Merge"}:
        index = node.get("Index Name")
        removed = node.get("Rows Removed by Filter")
        text = node["Node Type"] + (f" {index}" if index else "")
        yield text + (f" ({removed:,} rows passed over)" if removed else "")
    for child in node.get("Plans", []):
        yield from _steps(child)
