"""Concurrent writers: every write succeeds and the chains verify."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.audit.trail import Thing
from tests.factories import TESTER
from webapp.audit import services
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import record
from webapp.audit.verify import verify
from webapp.core.errors import Taken
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.services import create_user
from webapp.web.api import App

# As many as the pool has connections, so that none waits for one on a busy machine.
WRITERS = 7
EACH = 20


# With one shard, every writer waits for the same head.
@pytest.mark.parametrize("shards", [1, services.SHARDS])
def test_concurrent_creations_leave_valid_chains(app: App, monkeypatch: pytest.MonkeyPatch, shards: int) -> None:
    monkeypatch.setattr(services, "SHARDS", shards)
    barrier = Barrier(WRITERS)

    def create(writer: int) -> None:
        barrier.wait()
        for number in range(EACH):
            with app.app_context():
                create_user(email=f"w{writer}.{number}@example.com", name="Writer", by=TESTER)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(create, range(WRITERS)))
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditRecord)) == WRITERS * EACH
        report = verify()
    assert (report.findings, report.records, report.shards <= shards) == ([], WRITERS * EACH, True)


def test_large_and_small_transactions_with_refused_rows_leave_valid_chains(app: App) -> None:
    barrier = Barrier(WRITERS)

    def work(writer: int) -> int:
        barrier.wait()
        written = 0
        for _round in range(5):
            with app.app_context(), transaction():
                for number in range(20 if writer % 2 else 1):
                    try:
                        # Every second address is a duplicate within this transaction.
                        create_user(email=f"{writer}.{_round}.{number // 2}@example.com", name="Writer", by=TESTER)
                        written += 1
                    except Taken:
                        continue
                record(Action.USER_UPDATED, subject=Thing(), by=TESTER)
                written += 1
        return written

    with ThreadPoolExecutor(WRITERS) as pool:
        written = sum(pool.map(work, range(WRITERS)))
    with app.app_context():
        report = verify()
    assert (report.findings, report.records) == ([], written)
