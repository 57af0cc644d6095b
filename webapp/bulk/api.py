"""Bulk changes in the JSON API: ask, check the preview, apply, undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response

from webapp.attributes.display import can_see_change
from webapp.attributes.models import FIELD_PREFIX
from webapp.bulk.actions import BulkAction, get_action
from webapp.bulk.arguments import read_argument
from webapp.bulk.guards import check_is_idle, check_permission, get_own_change, get_visible_change, visible_requester_id
from webapp.bulk.models import BulkChange
from webapp.bulk.people_table import visible_changes
from webapp.bulk.queries import BY_NUMBER, NEWEST_FIRST, list_changes, list_items
from webapp.bulk.schemas import (
    ApplicationIn,
    ArgumentIn,
    BulkChangeIn,
    BulkChangeOut,
    BulkChangePage,
    BulkPath,
    BulkPeoplePage,
    BulkPeopleQuery,
    BulkPersonOut,
    PreviewIn,
)
from webapp.bulk.selection import Selection, select_filtered, select_people
from webapp.bulk.services import (
    apply_bulk_change,
    create_bulk_change,
    preview_bulk_change,
    stop_bulk_change,
    undo_bulk_change,
)
from webapp.core.errors import Invalid, report_on_field
from webapp.core.permissions import Permission
from webapp.core.texts import _, language
from webapp.directory.requests import current_viewer
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.web.api import api_blueprint, created_response, json_response, page_response
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

bulk_api = api_blueprint("bulk_api", __name__, tag="Bulk changes")
CONTINUED = "A job continues with more than 200 people: read `state` until it ends."


@bulk_api.get(
    "/bulk-changes",
    summary="List bulk changes",
    description="Newest first. Yours, or with `jobs.read` and `users.read` for everyone all.",
    responses={200: BulkChangePage},
)
@requires(Permission.USERS_READ)
def index(query: PageQuery) -> Response:
    page = paginate(list_changes(requested_by_id=visible_requester_id()), NEWEST_FIRST, query.window)
    return page_response(BulkChangePage(items=[_shown(bulk) for bulk in page.items], **page_fields(page)), page)


@bulk_api.post(
    "/bulk-changes",
    summary="Ask for a bulk change",
    description=f"Selects people and previews what would change. No one is changed. {CONTINUED}",
    responses={201: BulkChangeOut},
)
@requires(Permission.USERS_READ)
def create(body: BulkChangeIn) -> Response:
    action, by = get_action(body.action), actor()
    check_permission(action)
    selection = _selection(body)
    argument = _argument(action, body.argument) if body.argument else None

    def work() -> Response:
        bulk = create_bulk_change(
            action.name,
            people=selection.people,
            selected=selection.count,
            view=selection.view,
            by=by,
            locale=language(),
        )
        return _created(preview_bulk_change(bulk.id, argument=argument, by=by) if argument else bulk)

    return idempotent(work)


@bulk_api.get(
    "/bulk-changes/<uuid:bulk_id>",
    summary="Show a bulk change",
    responses=problem_responses(404) | {200: BulkChangeOut},
)
@requires(Permission.USERS_READ)
def show(path: BulkPath) -> Response:
    return _response(get_visible_change(path.bulk_id))


@bulk_api.get(
    "/bulk-changes/<uuid:bulk_id>/people",
    summary="List the people of a bulk change",
    description="By name, with what would change or has changed. Only people you can see. 409 while a job works.",
    responses=problem_responses(404, 409) | {200: BulkPeoplePage},
)
@requires(Permission.USERS_READ)
def people(path: BulkPath, query: BulkPeopleQuery) -> Response:
    bulk = get_visible_change(path.bulk_id)
    check_is_idle(is_running=bulk.is_running)
    outcomes = [query.outcome] if query.outcome else []
    items = list_items(bulk.id, outcomes=outcomes, reach=reach(Permission.USERS_READ))
    page = paginate(items, BY_NUMBER, query.window)
    rows = [BulkPersonOut.of(item, visible_changes(item.changes or [])) for item in page.items]
    return page_response(BulkPeoplePage(items=rows, **page_fields(page)), page)


@bulk_api.post(
    "/bulk-changes/<uuid:bulk_id>/preview",
    summary="Preview a bulk change again",
    description=f"Replaces the preview, also with another argument. 409 once the change was applied. {CONTINUED}",
    responses=problem_responses(404, 409) | {200: BulkChangeOut},
)
@requires(Permission.USERS_READ)
def preview(path: BulkPath, body: PreviewIn) -> Response:
    bulk, action = get_own_change(path.bulk_id)
    argument = _argument(action, body.argument)
    return idempotent(lambda: _response(preview_bulk_change(bulk.id, argument=argument, by=actor())))


@bulk_api.post(
    "/bulk-changes/<uuid:bulk_id>/application",
    summary="Apply a bulk change",
    description=f"Changes people as previewed. 409 if `plan_hash` is not that of the latest preview. {CONTINUED}",
    responses=problem_responses(404, 409) | {200: BulkChangeOut},
)
@requires(Permission.USERS_READ)
def apply(path: BulkPath, body: ApplicationIn) -> Response:
    bulk, _action = get_own_change(path.bulk_id)
    return idempotent(lambda: _response(apply_bulk_change(bulk.id, plan_hash=body.plan_hash, by=actor())))


@bulk_api.post(
    "/bulk-changes/<uuid:bulk_id>/stop",
    summary="Stop a bulk change",
    description="Changes so far stay, and can be undone. 409 if it is not being applied.",
    responses=problem_responses(404, 409) | {200: BulkChangeOut},
)
@requires(Permission.USERS_READ)
def stop(path: BulkPath) -> Response:
    bulk, _action = get_own_change(path.bulk_id)
    return idempotent(lambda: _response(stop_bulk_change(bulk.id, by=actor())))


@bulk_api.post(
    "/bulk-changes/<uuid:bulk_id>/undo",
    summary="Undo a bulk change",
    description=f"Skips people who were changed since. 409 if it was undone already, or is not applied. {CONTINUED}",
    responses=problem_responses(404, 409) | {200: BulkChangeOut},
)
@requires(Permission.USERS_READ)
def undo(path: BulkPath) -> Response:
    bulk, _action = get_own_change(path.bulk_id)
    return idempotent(lambda: _response(undo_bulk_change(bulk.id, by=actor())))


def _selection(body: BulkChangeIn) -> Selection:
    if (body.ids is None) == (body.filter is None):
        raise Invalid(_("Send `ids` or `filter`"), field="ids", code="one_of")
    if body.ids is not None:
        return select_people(set(body.ids), reach=reach(Permission.USERS_READ))
    with report_on_field("filter"):
        return select_filtered(body.filter or "", current_viewer())


def _argument(action: BulkAction, body: ArgumentIn) -> dict[str, str]:
    try:
        return read_argument(action, body.values, by=actor())
    except Invalid as error:
        error.problems = [replace(problem, field=f"argument.{problem.field}") for problem in error.problems]
        raise


def _created(bulk: BulkChange) -> Response:
    return created_response(_response(bulk), "bulk_api.show", bulk_id=bulk.id)


def _response(bulk: BulkChange) -> Response:
    return json_response(_shown(bulk))


def _shown(bulk: BulkChange) -> BulkChangeOut:
    key: Any = (bulk.argument or {}).get("attribute")
    hidden = frozenset({key}) if key and not can_see_change(f"{FIELD_PREFIX}{key}") else frozenset[str]()
    return BulkChangeOut.of(bulk, hidden=hidden)
