"""The push in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field

from webapp.core.schemas import EtagSchema, Schema, UtcTime, inline
from webapp.event_stream.push.models import AUTHORIZATION_MAX, EventPush
from webapp.event_stream.push.state import State, state_of
from webapp.outgoing.urls import URL_MAX

ADDRESS = "`https://…` for JSON lines, or `syslog+tls://host:6514` for RFC 5424 over TLS."
AUTHORIZATION = "The value of the header `Authorization`, for example `Bearer …`. It is encrypted and never shown."


class EventPushIn(Schema):
    """Where to send the event stream."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"address": "syslog+tls://siem.example.org:6514", "older": True}]}
    )

    address: str = Field(min_length=1, max_length=URL_MAX, description=ADDRESS)
    authorization: str | None = Field(
        None, max_length=AUTHORIZATION_MAX, description=f"{AUTHORIZATION} null keeps the stored one, empty removes it."
    )
    older: bool = Field(
        False, strict=True, description="Send a new target also the events of before. No effect on an existing one."
    )


class EventPushOut(EtagSchema):
    """The target of the event stream, and how far it is."""

    address: str
    has_authorization: bool
    state: Annotated[State, inline(State)] = Field(
        description="`failing`: the last attempt failed. `sending`: there are events to send."
    )
    sent: int = Field(description="Number of events that the target has received.")
    last_sent_at: UtcTime | None
    waiting: int = Field(description="Number of events that the target has not received yet.")
    waiting_since: UtcTime | None = Field(description="Time of the first of them.")
    failures: int = Field(description="Failed attempts since the last successful one.")
    last_failed_at: UtcTime | None
    last_error: str | None
    next_attempt_at: UtcTime | None
    tested_at: UtcTime | None = Field(description="When the last test event was sent.")
    test_error: str | None = Field(description="Why the target did not receive it.")
    paused_at: UtcTime | None
    created_at: UtcTime
    version: int

    @classmethod
    def of(cls, push: EventPush) -> Self:
        state = state_of(push)
        own: dict[str, Any] = {
            "has_authorization": push.sealed_authorization is not None,
            "state": state.state,
            "waiting": state.lag.events,
            "waiting_since": state.lag.since,
            "next_attempt_at": state.next_attempt_at,
        }
        return cls(**own, **{name: getattr(push, name) for name in cls.model_fields.keys() - own.keys()})
