"""Feeds in the JSON API."""

from __future__ import annotations

from flask import Response, jsonify

from webapp.core.permissions import Permission
from webapp.feeds.checks import check_values
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed
from webapp.feeds.queries import list_feeds
from webapp.feeds.schemas import FeedIn, FeedOut, FeedPatch, FeedPath, FeedRunOut, FeedRunsPage, FeedsOut
from webapp.feeds.services import add_feed, update_feed
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.recurring.queries import get_row, list_runs, newest_first
from webapp.recurring.services import delete_row, pause_row, restore_row, resume_row, run_row
from webapp.web.api import accepted_response, api_blueprint, created_response, if_match, json_with_etag, page_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

feeds_api = api_blueprint("feeds_api", __name__, tag="Imports")
IMPORT = Permission.IMPORTS_RUN


@feeds_api.get("/feeds", summary="List feeds", responses={200: FeedsOut})
@requires(IMPORT, everywhere=True)
def index() -> Response:
    return jsonify(FeedsOut(items=[FeedOut.of(feed) for feed in list_feeds()]).model_dump(mode="json"))


@feeds_api.post(
    "/feeds",
    summary="Create a feed",
    description="It imports a file regularly, in your name. 409 if the name is used, or if there are too many.",
    responses=problem_responses(409) | {201: FeedOut},
)
@requires(IMPORT, sudo=True, everywhere=True)
def create(body: FeedIn) -> Response:
    checked = check_values(body.feed)
    return idempotent(lambda: _created(add_feed(checked, by=actor())))


@feeds_api.get("/feeds/<uuid:feed_id>", summary="Show a feed", responses=problem_responses(404) | {200: FeedOut})
@requires(IMPORT, everywhere=True)
def show(path: FeedPath) -> Response:
    return json_with_etag(FeedOut.of(get_row(FEEDS, path.feed_id)))


@feeds_api.patch(
    "/feeds/<uuid:feed_id>",
    summary="Change a feed",
    description="A JSON merge patch (RFC 7396). From then on, it imports in your name.",
    responses=problem_responses(404, 409, 412) | {200: FeedOut},
)
@requires(IMPORT, sudo=True, everywhere=True)
def update(path: FeedPath, body: FeedPatch) -> Response:
    with if_match(lambda: FeedOut.of(get_row(FEEDS, path.feed_id))) as version:
        return _response(update_feed(path.feed_id, version=version, **body.changes, by=actor()))


@feeds_api.delete(
    "/feeds/<uuid:feed_id>",
    summary="Delete a feed",
    description="It imports nothing more. It can be restored for 30 days. Idempotent.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(IMPORT, sudo=True, everywhere=True)
def delete(path: FeedPath) -> Response:
    with if_match(lambda: FeedOut.of(get_row(FEEDS, path.feed_id))) as version:
        delete_row(FEEDS, path.feed_id, version=version, by=actor())
    return Response(status=204)


@feeds_api.post(
    "/feeds/<uuid:feed_id>/restoration",
    summary="Restore a feed",
    description="It is paused then. 409 if its name is used, or if there are too many. Idempotent.",
    responses=problem_responses(404, 409) | {200: FeedOut},
)
@requires(IMPORT, sudo=True, everywhere=True)
def restore(path: FeedPath) -> Response:
    return idempotent(lambda: _response(restore_row(FEEDS, path.feed_id, by=actor())))


@feeds_api.post(
    "/feeds/<uuid:feed_id>/pause",
    summary="Pause a feed",
    description="It starts no runs until the pause ends. Idempotent.",
    responses=problem_responses(404) | {200: FeedOut},
)
@requires(IMPORT, everywhere=True)
def pause(path: FeedPath) -> Response:
    return idempotent(lambda: _response(pause_row(FEEDS, path.feed_id, by=actor())))


@feeds_api.delete(
    "/feeds/<uuid:feed_id>/pause",
    summary="Resume a feed",
    description="It runs at its next time. Runs that were missed are skipped. Idempotent.",
    responses=problem_responses(404) | {200: FeedOut},
)
@requires(IMPORT, sudo=True, everywhere=True)
def resume(path: FeedPath) -> Response:
    return _response(resume_row(FEEDS, path.feed_id, by=actor()))


@feeds_api.post(
    "/feeds/<uuid:feed_id>/run",
    summary="Run a feed now",
    description="In the name of its owner. 409 if it is running. List its runs to see how it ended.",
    responses=problem_responses(404, 409) | {202: FeedRunOut},
)
@requires(IMPORT, sudo=True, everywhere=True)
def run(path: FeedPath) -> Response:
    return idempotent(lambda: accepted_response(FeedRunOut.of(run_row(FEEDS, path.feed_id, by=actor()))))


@feeds_api.get(
    "/feeds/<uuid:feed_id>/runs",
    summary="List the runs of a feed",
    description="The newest first. They are kept for 90 days.",
    responses=problem_responses(404) | {200: FeedRunsPage},
)
@requires(IMPORT, everywhere=True)
def runs(path: FeedPath, query: PageQuery) -> Response:
    page = paginate(list_runs(FEEDS, get_row(FEEDS, path.feed_id).id), newest_first(FEEDS), query.window)
    return page_response(FeedRunsPage(items=[FeedRunOut.of(row) for row in page.items], **page_fields(page)), page)


def _created(feed: Feed) -> Response:
    return created_response(_response(feed), "feeds_api.show", feed_id=feed.id)


def _response(feed: Feed) -> Response:
    return json_with_etag(FeedOut.of(feed))
