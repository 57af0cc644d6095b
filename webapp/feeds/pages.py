"""The pages of feeds: list, create, edit, run, pause, delete, and the runs of a feed."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.attributes.display import editable_attributes
from webapp.audit.flashes import flash_done
from webapp.audit.models import Action
from webapp.audit.queries import last_edit_of
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.feeds.checks import FeedValues, check_values
from webapp.feeds.forms import EditFeedForm, FeedFields, NewFeedForm
from webapp.feeds.models import Feed
from webapp.feeds.queries import NEWEST_FIRST, get_feed, has_newer_mapping, list_feeds, list_mappings, list_runs
from webapp.feeds.rows import feed_rows, run_rows
from webapp.feeds.services import add_feed, delete_feed, pause_feed, resume_feed, run_feed, update_feed
from webapp.imports.labels import KEY_LABELS, MODE_HELP, MODE_LABELS
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.forms import Form
from webapp.web.guards import actor, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, conflict_page, save_merged
from webapp.web.paging import parse_query_parameters

feeds_pages = Blueprint("feeds", __name__, url_prefix="/imports/feeds")
IMPORT = Permission.IMPORTS_RUN


@feeds_pages.get("")
@requires(IMPORT, everywhere=True)
def index() -> ResponseReturnValue:
    return render_template("feeds/index.html", rows=feed_rows(list_feeds()), has_mappings=bool(list_mappings()))


@feeds_pages.get("/new")
@requires(IMPORT, sudo=True, everywhere=True)
def new() -> ResponseReturnValue:
    return _new_page(NewFeedForm())


@feeds_pages.post("")
@requires(IMPORT, sudo=True, everywhere=True)
def create() -> ResponseReturnValue:
    form = NewFeedForm()
    if form.validate():
        try:
            return _to(created_once(form, partial(_create, check_values(form.feed))))
        except Refused as error:
            form.add_error(error)
    return _new_page(form), 422


def _create(checked: FeedValues) -> UUID:
    feed = add_feed(checked, by=actor())
    flash_done(_("Feed %(name)s created", name=feed.name))
    return feed.id


@feeds_pages.get("/<uuid:feed_id>")
@requires(IMPORT, everywhere=True)
def show(feed_id: UUID) -> ResponseReturnValue:
    feed = get_feed(feed_id)
    page = paginate(list_runs(feed.id), NEWEST_FIRST, parse_query_parameters(PageQuery).window)
    return render_template(
        "feeds/show.html",
        feed=feed,
        page=page,
        runs=run_rows(page.items),
        mode_label=MODE_LABELS[feed.mode],
        key_label=KEY_LABELS.get(feed.key_field, feed.key_field),
        has_newer_mapping=has_newer_mapping(feed),
    )


@feeds_pages.get("/<uuid:feed_id>/edit")
@requires(IMPORT, sudo=True, everywhere=True)
def edit(feed_id: UUID) -> ResponseReturnValue:
    feed = get_feed(feed_id)
    return _edit_page(feed, EditFeedForm.of(feed))


@feeds_pages.post("/<uuid:feed_id>")
@requires(IMPORT, sudo=True, everywhere=True)
def update(feed_id: UUID) -> ResponseReturnValue:
    feed, form = get_feed(feed_id), EditFeedForm()
    if form.validate():
        try:
            feed = save_merged(
                form,
                lambda: update_feed(feed_id, **form.feed, version=form.version.data, by=actor()),
                saved=lambda: EditFeedForm.of(get_feed(feed_id)),
            )
        except Conflict as conflict:
            return _conflict_page(feed, form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=feed.name))
            return _to(feed_id)
    return _edit_page(feed, form), 422


@feeds_pages.post("/<uuid:feed_id>/run")
@requires(IMPORT, sudo=True, everywhere=True)
def run(feed_id: UUID) -> ResponseReturnValue:
    run_feed(feed_id, by=actor())
    flash(_("The feed is running. You see the result here."), "success")
    return _to(feed_id)


@feeds_pages.post("/<uuid:feed_id>/pause")
@requires(IMPORT, everywhere=True)
def pause(feed_id: UUID) -> ResponseReturnValue:
    flash_done(_("Feed %(name)s paused", name=pause_feed(feed_id, by=actor()).name))
    return _to(feed_id)


@feeds_pages.post("/<uuid:feed_id>/resumption")
@requires(IMPORT, sudo=True, everywhere=True)
def resume(feed_id: UUID) -> ResponseReturnValue:
    flash_done(_("Feed %(name)s resumed", name=resume_feed(feed_id, by=actor()).name))
    return _to(feed_id)


@feeds_pages.get("/<uuid:feed_id>/deletion")
@requires(IMPORT, sudo=True, everywhere=True)
def confirm_deletion(feed_id: UUID) -> ResponseReturnValue:
    return render_template("feeds/delete.html", feed=get_feed(feed_id), form=Form())


@feeds_pages.post("/<uuid:feed_id>/deletion")
@requires(IMPORT, sudo=True, everywhere=True)
def delete(feed_id: UUID) -> ResponseReturnValue:
    name = get_feed(feed_id).name
    delete_feed(feed_id, by=actor())
    flash_done(_("Feed %(name)s deleted", name=name))
    return redirect(url_for("feeds.index"), 303)


def _to(feed_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("feeds.show", feed_id=feed_id), 303)


def _new_page(form: NewFeedForm) -> str:
    return render_template("feeds/new.html", **_context(form))


def _edit_page(feed: Feed, form: EditFeedForm) -> str:
    form.kept_mapping = feed.mapping_name
    return render_template("feeds/edit.html", feed=feed, **_context(form))


def _context(form: FeedFields) -> dict[str, object]:
    form.set_choices(list_mappings(), editable_attributes())
    return {"form": form, "mode_help": MODE_HELP, "feed_dir": current_settings().feed_dir}


def _conflict_page(feed: Feed, form: EditFeedForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=feed.name,
        back=url_for("feeds.edit", feed_id=feed.id),
        action=url_for("feeds.update", feed_id=feed.id),
        audit_action=Action.FEED_UPDATED,
        edit=last_edit_of(feed.id, Action.FEED_UPDATED),
    )
