"""The pages of feeds. Most are those of all recurring work."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.attributes.display import editable_attributes
from webapp.core.context import current_settings
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.feeds.checks import check_values
from webapp.feeds.forms import EditFeedForm, FeedFields, NewFeedForm
from webapp.feeds.kind import FEEDS
from webapp.feeds.labels import PAGE_TEXTS
from webapp.feeds.models import Feed
from webapp.feeds.queries import has_newer_mapping, list_feeds, list_mappings
from webapp.feeds.rows import feed_row, feed_run_row
from webapp.feeds.services import add_feed, update_feed
from webapp.imports.labels import KEY_LABELS, MODE_HELP, MODE_LABELS
from webapp.recurring.pages import Pages, add_pages, new_page
from webapp.web.guards import actor, requires

feeds_pages = Blueprint("feeds", __name__, url_prefix="/imports/feeds")
IMPORT = Permission.IMPORTS_RUN


@feeds_pages.get("")
@requires(IMPORT, everywhere=True)
def index() -> ResponseReturnValue:
    rows = [feed_row(feed) for feed in list_feeds()]
    return render_template("feeds/index.html", pages=PAGES, rows=rows, may_create=bool(list_mappings()))


@feeds_pages.get("/new")
@requires(IMPORT, sudo=True, everywhere=True)
def new() -> ResponseReturnValue:
    return new_page(PAGES, NewFeedForm())


def _fields(form: FeedFields, feed: Feed | None) -> dict[str, object]:
    form.set_choices(list_mappings(), editable_attributes(), kept=feed.mapping_name if feed else None)
    return {"mode_help": MODE_HELP, "feed_dir": current_settings().feed_dir}


def _update(feed_id: UUID, form: EditFeedForm) -> Feed:
    return update_feed(feed_id, **form.feed, version=form.version.data, by=actor())


def _details(feed: Feed) -> dict[str, object]:
    return {
        "mode_label": MODE_LABELS[feed.mode],
        "key_label": KEY_LABELS.get(feed.key_field, feed.key_field),
        "has_newer_mapping": has_newer_mapping(feed),
    }


PAGES = Pages(
    FEEDS,
    name="feeds",
    texts=PAGE_TEXTS,
    parent=("imports.index", _("Import people")),
    new_form=NewFeedForm,
    edit_form=EditFeedForm,
    # It waits for name servers, so the checks come before the transaction.
    create=lambda form: partial(add_feed, check_values(form.feed), by=actor()),
    update=_update,
    fields=_fields,
    details=_details,
    run_row=lambda run, _feed: feed_run_row(run),
    delete_with_sudo=True,
)
add_pages(feeds_pages, PAGES)
