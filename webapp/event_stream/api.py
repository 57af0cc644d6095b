"""The event stream in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.core.errors import Gone
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.event_stream.cursors import LATEST, Position
from webapp.event_stream.queries import EventPage, first_position, is_archived, latest_position
from webapp.event_stream.schemas import EventPageOut, EventQuery
from webapp.event_stream.waiting import next_events
from webapp.web.api import api_blueprint, json_response
from webapp.web.guards import requires
from webapp.web.openapi import problem_responses
from webapp.web.templating import url_with

events_api = api_blueprint("events_api", __name__, tag="Audit trail")


@events_api.get(
    "/events",
    summary="Read the event stream",
    description="Audit records and security events, such as failed sign-ins, in the order in which they were"
    " committed. Each event comes at least once: keep `next`, and send it as `after`. Security events are"
    " kept for a limited time. 410 if audit records after the cursor are in archives.",
    responses=problem_responses(410) | {200: EventPageOut},
)
@requires(Permission.AUDIT_READ, everywhere=True)
def index(query: EventQuery) -> Response:
    page = _page(query)
    response = json_response(EventPageOut.of(page))
    response.headers.add("Link", f'<{url_with(after=str(page.position))}>; rel="next"')
    return response


def _page(query: EventQuery) -> EventPage:
    if query.after == LATEST:
        return EventPage([], latest_position(), more=False)
    position = Position.parse(query.after) if query.after else first_position()
    if query.after and is_archived(position):
        message = _("Events after this cursor are in archives. To read the events since then, start without `after`.")
        raise Gone(message, field="after", code="archived")
    return next_events(position, query.limit, wait=query.wait)
