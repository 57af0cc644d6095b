"""The push of the event stream in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.core.permissions import Permission
from webapp.event_stream.push.queries import get_push
from webapp.event_stream.push.schemas import EventPushIn, EventPushOut
from webapp.event_stream.push.services import pause_push, remove_target, request_test, resume_push, save_target
from webapp.web.api import api_blueprint, if_match, json_with_etag
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

push_api = api_blueprint("event_push_api", __name__, tag="Audit trail")
RIGHTS = "Takes `settings.manage` and `audit.read`."


@push_api.get(
    "/event-push",
    summary="Show where events are sent, and how far this is",
    responses=problem_responses(404) | {200: EventPushOut},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def show() -> Response:
    return json_with_etag(EventPushOut.of(get_push()))


@push_api.put(
    "/event-push",
    summary="Send events to an address",
    description=f"{RIGHTS} A worker sends each event at least once, in order. 404 with If-Match if there is none yet.",
    responses=problem_responses(404, 409, 412) | {200: EventPushOut},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def save(body: EventPushIn) -> Response:
    with if_match(_current) as version:
        push = save_target(**body.model_dump(), version=version, by=actor())
    return json_with_etag(EventPushOut.of(push))


@push_api.delete(
    "/event-push",
    summary="Send no more events",
    description=f"{RIGHTS} The position in the stream is forgotten.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def remove() -> Response:
    with if_match(_current) as version:
        remove_target(version=version, by=actor())
    return Response(status=204)


@push_api.post(
    "/event-push/test",
    summary="Send a test event",
    description=f"{RIGHTS} A worker sends it within seconds: see `tested_at` and `test_error`.",
    responses=problem_responses(404, 409) | {202: EventPushOut},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def test() -> Response:
    return idempotent(lambda: _accepted(EventPushOut.of(request_test(by=actor()))))


@push_api.post(
    "/event-push/pause",
    summary="Pause sending",
    description=f"{RIGHTS} The position stays.",
    responses=problem_responses(404, 409) | {200: EventPushOut},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def pause() -> Response:
    return idempotent(lambda: json_with_etag(EventPushOut.of(pause_push(by=actor()))))


@push_api.delete(
    "/event-push/pause",
    summary="Resume sending",
    description=f"{RIGHTS} What happened during the pause is sent, too.",
    responses=problem_responses(404) | {200: EventPushOut},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def resume() -> Response:
    return json_with_etag(EventPushOut.of(resume_push(by=actor())))


def _current() -> EventPushOut:
    return EventPushOut.of(get_push())


def _accepted(push: EventPushOut) -> Response:
    response = json_with_etag(push)
    response.status_code = 202
    return response
