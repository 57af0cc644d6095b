"""The pages of likely duplicates: the list, one pair side by side, and the merge."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.flashes import UNDO
from webapp.core.errors import NotFound, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.duplicates.comparison import compare_accounts, submitted_choices
from webapp.duplicates.forms import MergeForm
from webapp.duplicates.merging import merge_users, record_of_merge
from webapp.duplicates.models import DuplicatePair, UserMerge
from webapp.duplicates.queries import STRONGEST_FIRST, get_pair, open_pairs, users_of
from webapp.duplicates.rows import pair_rows, viewer_reaches
from webapp.duplicates.services import dismiss_pair
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.forms import safe_next
from webapp.web.guards import actor, requires
from webapp.web.paging import parse_query_parameters
from webapp.web.replicas import from_replica

duplicate_pages = Blueprint("duplicates", __name__, url_prefix="/duplicates")


@duplicate_pages.get("")
@requires(Permission.USERS_EDIT)
@from_replica
def index() -> ResponseReturnValue:
    query = parse_query_parameters(PageQuery, limit=25)
    page = paginate(open_pairs(*viewer_reaches()), STRONGEST_FIRST, query.window)
    return render_template("duplicates/index.html", page=page, rows=pair_rows(page.items))


@duplicate_pages.get("/<uuid:pair_id>")
@requires(Permission.USERS_EDIT)
def show(pair_id: UUID) -> ResponseReturnValue:
    return _page(get_pair(pair_id, *viewer_reaches()), MergeForm(None))


@duplicate_pages.post("/<uuid:pair_id>/dismissal")
@requires(Permission.USERS_EDIT)
def dismiss(pair_id: UUID) -> ResponseReturnValue:
    records = dismiss_pair(pair_id, by=actor())
    flash(_("Marked as different people"), "success")
    if records:
        flash(str(records[0]), UNDO)
    return redirect(safe_next(request.form.get("next"), url_for("duplicates.index")), 303)


@duplicate_pages.post("/<uuid:pair_id>/merge")
@requires(Permission.USERS_DELETE, sudo=True)
def merge(pair_id: UUID) -> ResponseReturnValue:
    pair, form, status = get_pair(pair_id, *viewer_reaches()), MergeForm(), 422
    if form.validate():
        try:
            return _done(_merge(pair, form))
        except NotFound:
            raise
        except Refused as error:
            form.add_error(error)
            status = error.status
    return _page(pair, form), status


def _merge(pair: DuplicatePair, form: MergeForm) -> UserMerge:
    ids, versions = pair.user_ids, (form.one_version.data, form.other_version.data)
    if form.keep.data == "other":
        ids, versions = ids[::-1], versions[::-1]
    choices = submitted_choices(request.form, keep=form.keep.data)
    return merge_users(*ids, choices=choices, versions=versions, by=actor())


def _done(merge: UserMerge) -> ResponseReturnValue:
    flash(_("The accounts were merged. The other one is in the bin."), "success")
    flash(str(record_of_merge(merge).id), UNDO)
    return redirect(url_for("users.show", user_id=merge.kept_id), 303)


def _page(pair: DuplicatePair, form: MergeForm) -> str:
    one, other = map(users_of([pair]).__getitem__, pair.user_ids)
    compared = compare_accounts(one, other, request.form if request.method == "POST" else None)
    return render_template("duplicates/show.html", pair=pair, row=pair_rows([pair])[0], compared=compared, form=form)
