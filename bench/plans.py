"""Prints the query plans of the list's statements: indexes and times."""

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
from webapp.core.clock import now
from webapp.db.session import db
from webapp.signin.sessions import start_session
from webapp.users.models import User


@dataclass(frozen=True)
class Plan:
    page: str
    statement: str
    milliseconds: float
    steps: str


# A part of the SQL → a short name for the statement.
_STATEMENT_NAMES = {"role_grants": "labels", "count(": "rows, counted", "audit_records": "trail"}


def print_plans(instance: Instance) -> None:
    print("| page | statement | ms | plan |\n|---|---|---:|---|")
    for plan in plans(instance):
        print(f"| {plan.page} | {plan.statement} | {plan.milliseconds:.2f} | {plan.steps} |", flush=True)


def plans(instance: Instance) -> Iterator[Plan]:
    """Yield the plan of each statement of each page, except those that read sessions."""
    cookies = signed_in(instance)
    driver = Driver(instance)
    for page in pages.directory(instance):
        for statement, parameters in capture(instance, page.path, cookies).statements:
            if "sessions" in statement:
                continue
            name = next((name for part, name in _STATEMENT_NAMES.items() if part in statement), "rows")
            yield Plan(page.name, name, *_explain(driver, instance.engine, statement, parameters))
    driver.close()


def signed_in(instance: Instance) -> dict[str, str]:
    """Return the cookies of a new session of the owner, created without the sign-in form."""
    app = instance.app
    with app.app_context():
        found = select(User).where(User.email_key == instance.owner.email, User.deleted_at.is_(None))
        owner = db.session.scalars(found).one()
        # The owner has a time zone and a second factor. Otherwise each page would have two notices.
        owner.timezone, owner.second_factor_at = "UTC", now()
        token = start_session(owner, address="127.0.0.1", agent="bench")
        db.session.commit()
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return {app.config["SESSION_COOKIE_NAME"]: serializer.dumps({"_user_id": token})}


def _explain(driver: Driver, engine: str, statement: str, parameters: Any) -> tuple[float, str]:
    """Return the milliseconds and the plan of a statement."""
    cursor = driver.connection.cursor()
    times = []
    for _round in range(3):
        began = time.perf_counter()
        cursor.execute(statement, parameters)
        cursor.fetchall()
        times.append(time.perf_counter() - began)
    if engine == "sqlite":
        cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
        steps = "; ".join(row[3] for row in cursor.fetchall())
    else:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, parameters)
        plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        steps = "; ".join(_steps(plan[0]["Plan"])) + ("; JIT" if "JIT" in plan[0] else "")
    return min(times) * 1000, steps


def _steps(node: dict[str, Any]) -> Iterator[str]:
    """Yield the plan nodes that read or sort, the outermost first."""
    if node["Node Type"] not in {"Limit", "Aggregate", "Subquery Scan", "Result", "Gather", "Gather Merge"}:
        index = node.get("Index Name")
        removed = node.get("Rows Removed by Filter")
        text = node["Node Type"] + (f" {index}" if index else "")
        yield text + (f" ({removed:,} rows removed by filter)" if removed else "")
    for child in node.get("Plans", []):
        yield from _steps(child)
