"""The pages of bulk changes. Whoever asked for one goes on with it; who may see everybody's jobs sees it too."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.bulk.actions import EXPORT, IN_THE_BIN, ONLY_IN_THE_BIN, VERBS, Verb
from webapp.bulk.exports import CONTENT_TYPE, HEADINGS, export_bulk
from webapp.bulk.forms import FORMS, attribute_choices
from webapp.bulk.models import BulkChange, State
from webapp.bulk.queries import IN_ORDER, NEWEST_FIRST, get_change, listed_changes, listed_items, people_with_ids
from webapp.bulk.schemas import BulkQuery, chosen_ids, tidy, viewed
from webapp.bulk.services import apply_bulk, ask_bulk, plan_bulk, stop_bulk, undo_bulk, verb_of
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, NotFound, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _, language
from webapp.directory.listing import matching_users
from webapp.directory.requests import current_viewer
from webapp.jobs.models import Job
from webapp.jobs.queries import get_job
from webapp.jobs.services import throughput
from webapp.lists.page import Page, paginate
from webapp.lists.schemas import PageQuery
from webapp.users.models import Status
from webapp.web.forms import Form
from webapp.web.guards import actor, can, check_confirmed, reach, requires
from webapp.web.paging import parse_query_parameters

bulk_pages = Blueprint("bulk", __name__, url_prefix="/bulk")


@bulk_pages.context_processor
def _words() -> dict[str, Any]:
    return {"verbs": VERBS}


def bulk_verbs(status: str | None) -> list[Verb]:
    """For the list: what the person looking may do to many who are of this status, or of any but in the bin."""
    in_bin = status == Status.DELETED
    names = [name for name in VERBS if (name in IN_THE_BIN if in_bin else name not in ONLY_IN_THE_BIN)]
    return [VERBS[name] for name in names if can(VERBS[name].permission)]


@bulk_pages.get("")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    page = paginate(listed_changes(requested_by_id=_whose()), NEWEST_FIRST, parse_query_parameters(PageQuery).window)
    return render_template("bulk/index.html", page=page, everyone=_whose() is None)


@bulk_pages.post("")
@requires(Permission.USERS_READ)
def create() -> ResponseReturnValue:
    """Freezes who was chosen: those that were ticked, or with `all` those that match the list's parameters."""
    verb = verb_of(request.form.get("action", ""))
    _check(verb)
    view = tidy(request.form.get("view", ""))
    try:
        bulk = ask_bulk(verb.name, **_chosen(view), by=actor(), locale=language())
    except Invalid as error:
        flash(error.message, "error")
        return redirect(url_for("directory.index") + (f"?{view}" if view else ""), 303)
    return _to(bulk)


@bulk_pages.get("/<uuid:bulk_id>")
@requires(Permission.USERS_READ)
def show(bulk_id: UUID) -> ResponseReturnValue:
    bulk = get_change(bulk_id, requested_by_id=_whose())
    verb = VERBS[bulk.action]
    if _mine(bulk) and verb.sudo and bulk.state in {State.DRAFT, State.PLANNED}:
        check_confirmed()
    return _page(bulk, form=_form(bulk, parse_query_parameters(BulkQuery).attribute))


@bulk_pages.post("/<uuid:bulk_id>/plan")
@requires(Permission.USERS_READ)
def plan(bulk_id: UUID) -> ResponseReturnValue:
    bulk, verb = _own(bulk_id)
    form = _form(bulk, request.form.get("attribute", ""))
    argument = {}
    if form is not None:
        try:
            if not form.validate():
                return _page(bulk, form=form), 422
            argument = form.argument
        except (Invalid, NotFound) as error:
            form.add_error(error)
            return _page(bulk, form=form), 422
    elif verb.asks:
        raise Refused(_("Choose an attribute"), field="attribute")
    return _to(plan_bulk(bulk_id, argument=argument, by=actor()))


@bulk_pages.post("/<uuid:bulk_id>/application")
@requires(Permission.USERS_READ)
def apply(bulk_id: UUID) -> ResponseReturnValue:
    _bulk, verb = _own(bulk_id)
    if verb.sudo:
        check_confirmed()
    try:
        return _to(apply_bulk(bulk_id, plan_hash=request.form.get("plan", ""), by=actor()))
    except Invalid as error:
        return _refused(bulk_id, error)


@bulk_pages.post("/<uuid:bulk_id>/stop")
@requires(Permission.USERS_READ)
def stop(bulk_id: UUID) -> ResponseReturnValue:
    _own(bulk_id)
    return _to(stop_bulk(bulk_id, by=actor()))


@bulk_pages.post("/<uuid:bulk_id>/undo")
@requires(Permission.USERS_READ)
def undo(bulk_id: UUID) -> ResponseReturnValue:
    _bulk, verb = _own(bulk_id)
    if verb.undo_sudo:
        check_confirmed()
    try:
        return _to(undo_bulk(bulk_id, by=actor()))
    except Invalid as error:
        return _refused(bulk_id, error)


@bulk_pages.post("/<uuid:bulk_id>/file")
@requires(Permission.USERS_EXPORT, sudo=True)
def export(bulk_id: UUID) -> ResponseReturnValue:
    """A form and no link: that it was made is a change."""
    bulk, verb = _own(bulk_id)
    if verb.name != EXPORT:
        raise NotFound(_("Page not found"))
    content = export_bulk(bulk_id, by=actor())
    if content is None:
        return _to(bulk)
    response = Response(content, content_type=CONTENT_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"people-{now():%Y-%m-%d}.csv")
    return response


def _chosen(view: str) -> dict[str, Any]:
    if request.form.get("all"):
        matches = matching_users(viewed(view), current_viewer())
        if matches.notes:
            # More people match than are meant.
            raise Invalid(matches.notes[0])
        return {"people": matches.query, "view": view}
    ids = chosen_ids(request.form.getlist("ids"))
    return {"people": people_with_ids(ids, reach=reach(Permission.USERS_READ)), "chosen": len(ids)}


def _check(verb: Verb) -> None:
    if not can(verb.permission):
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))


def _own(bulk_id: UUID) -> tuple[BulkChange, Verb]:
    """For what only whoever asked may do, and only as long as they may do such things at all."""
    bulk = get_change(bulk_id, requested_by_id=_whose())
    if not _mine(bulk):
        raise Forbidden(_("Only the person who started this change can continue it"))
    _check(VERBS[bulk.action])
    return bulk, VERBS[bulk.action]


def _mine(bulk: BulkChange) -> bool:
    return bool(bulk.requested_by_id == current_user.id)


def _whose() -> UUID | None:
    """Whose are shown: one's own, or everybody's (None) to who may see everybody's jobs."""
    return None if can(Permission.JOBS_READ) else current_user.id


def _form(bulk: BulkChange, attribute: str) -> Any:
    """The form of what the action needs to know, for as long as that can be changed; None when it needs nothing."""
    asks = VERBS[bulk.action].asks
    if not (asks and _mine(bulk) and not bulk.over):
        return None
    argument = {"attribute": attribute} if attribute else bulk.argument
    return FORMS[asks](argument)


def _page(bulk: BulkChange, *, form: Any = None, refused: Form | None = None) -> str:
    query = parse_query_parameters(BulkQuery)
    job = _job(bulk)
    speed, seconds_left = throughput(job) if job else (None, None)
    return render_template(
        "bulk/show.html",
        bulk=bulk,
        verb=VERBS[bulk.action],
        mine=_mine(bulk),
        form=form,
        refused=refused or Form(),
        attributes=attribute_choices() if VERBS[bulk.action].asks == "attribute" and _mine(bulk) else [],
        columns=HEADINGS if bulk.action == EXPORT else [],
        job=job,
        speed=speed,
        seconds_left=seconds_left,
        query=query,
        page=_people(bulk, query),
    )


def _people(bulk: BulkChange, query: BulkQuery) -> Page[Any] | None:
    """None while it changes from moment to moment."""
    if bulk.working or bulk.emptied_at:
        return None
    outcomes = [query.outcome] if query.outcome else []
    return paginate(
        listed_items(bulk.id, outcomes=outcomes, reach=reach(Permission.USERS_READ)), IN_ORDER, query.window
    )


def _job(bulk: BulkChange) -> Job | None:
    """The job that is at it, or left a file."""
    if bulk.job_id is None or not (bulk.working or bulk.action == EXPORT):
        return None
    try:
        return get_job(bulk.job_id)
    except NotFound:
        # Removed since, as old jobs are.
        return None


def _refused(bulk_id: UUID, error: Invalid) -> ResponseReturnValue:
    """Above the preview, for a reason that is missing."""
    form = Form()
    form.add_error(error)
    bulk = get_change(bulk_id)
    return _page(bulk, form=_form(bulk, ""), refused=form), 422


def _to(bulk: BulkChange) -> ResponseReturnValue:
    return redirect(url_for("bulk.show", bulk_id=bulk.id), 303)
