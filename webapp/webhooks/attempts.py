"""How attempts ended: their result, when the next one follows, and since when an endpoint fails."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, update

from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.webhooks.dispatch import DELIVERIES, ENDPOINTS, DueDelivery
from webapp.webhooks.failures import pause_failing

# Waits after each failed attempt: 71 hours and 36 minutes together.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 64800, 79200))
# Each wait is longer by up to this share, so that failed deliveries do not all return at once.
JITTER = 0.1
GONE = 410
_SAVED = ("attempts", "attempted_at", "milliseconds", "status", "answer", "error", "next_attempt_at", "delivered_at")
_SAVE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.seq == bindparam("of_seq"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED})
)


@dataclass(frozen=True)
class Attempt:
    """How an attempt ended. `status` is None if there was no answer, and `error` says why.

    `retry_after`: what the receiver asked for in `Retry-After`.
    """

    delivery: DueDelivery
    at: datetime
    milliseconds: int
    status: int | None = None
    answer: str = ""
    error: str = ""
    retry_after: timedelta = timedelta()

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@transaction()
def save_attempts(attempts: Sequence[Attempt]) -> None:
    """Save how attempts ended, and when the next ones follow. Pause endpoints that have failed for a week."""
    db.session.connection().execute(_SAVE, [_values(attempt) for attempt in attempts])
    for attempt in attempts:
        if not attempt.succeeded:
            _postpone_later_ones(attempt)
    _save_health(attempts)


def _values(attempt: Attempt) -> dict[str, object]:
    values = {
        "attempts": attempt.delivery.number,
        "attempted_at": attempt.at,
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "answer": attempt.answer,
        "error": attempt.error,
        "next_attempt_at": None if attempt.succeeded else next_attempt(attempt),
        "delivered_at": attempt.at if attempt.succeeded else None,
    }
    return {"of_seq": attempt.delivery.seq} | {f"new_{name}": value for name, value in values.items()}


def next_attempt(attempt: Attempt) -> datetime | None:
    """Return when to try again, or None after the last attempt.

    A receiver can ask for a longer wait than planned, up to the longest one.
    """
    if attempt.delivery.number > len(WAITS):
        return None
    wait = max(WAITS[attempt.delivery.number - 1], min(attempt.retry_after, WAITS[-1]))
    return attempt.at + wait * (1 + JITTER * random.random())  # noqa: S311  not a secret


def _postpone_later_ones(attempt: Attempt) -> None:
    """Later deliveries about the same subject wait as well. So they need not be looked at until then."""
    delivery = attempt.delivery
    until = next_attempt(attempt) or attempt.at
    db.session.execute(
        update(DELIVERIES)
        .where(
            DELIVERIES.c.endpoint_id == delivery.endpoint_id,
            DELIVERIES.c.subject_id == delivery.subject_id,
            DELIVERIES.c.next_attempt_at < until,
            DELIVERIES.c.seq > delivery.seq,
        )
        .values(next_attempt_at=until)
    )


def _save_health(attempts: Sequence[Attempt]) -> None:
    """Save since when endpoints fail. One success ends that."""
    working = {attempt.delivery.endpoint_id for attempt in attempts if attempt.succeeded}
    failed = {attempt.delivery.endpoint_id: attempt for attempt in attempts if not attempt.succeeded}
    recovered = update(ENDPOINTS).where(ENDPOINTS.c.failing_since.is_not(None), ENDPOINTS.c.id.in_(working))
    db.session.execute(recovered.values(failing_since=None))
    for endpoint_id in sorted(failed.keys() - working):
        since = func.coalesce(ENDPOINTS.c.failing_since, failed[endpoint_id].at)
        db.session.execute(update(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id).values(failing_since=since))
        pause_failing(endpoint_id, gone=failed[endpoint_id].status == GONE)
