"""The state of the push, as pages, API and commands show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.core.clock import now
from webapp.event_stream.push.models import EventPush
from webapp.event_stream.push.queries import Lag, lag_of


class State(StrEnum):
    SENDING = "sending"
    UP_TO_DATE = "up_to_date"
    FAILING = "failing"
    PAUSED = "paused"


@dataclass(frozen=True)
class PushState:
    push: EventPush
    state: State
    lag: Lag

    @property
    def next_attempt_at(self) -> datetime | None:
        moment = self.push.next_attempt_at
        return moment if moment and moment > now() else None


def state_of(push: EventPush) -> PushState:
    lag = lag_of(push)
    if push.paused_at:
        state = State.PAUSED
    elif push.failures:
        state = State.FAILING
    else:
        state = State.SENDING if lag.events else State.UP_TO_DATE
    return PushState(push, state, lag)
