"""The page “What's new”."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.errors import NotFound
from webapp.core.permissions import Permission
from webapp.core.texts import _, language
from webapp.news.changelog import Changelog, read_changelog
from webapp.settings import RESOURCES
from webapp.users.seen import record_seen
from webapp.web.guards import requires

news_pages = Blueprint("news", __name__, url_prefix="/whats-new")


@news_pages.get("")
@requires(Permission.USERS_READ)
def show() -> ResponseReturnValue:
    """Show a page of the changelog. People who open one have read it."""
    changelog = _changelog()
    if changelog is None:
        raise NotFound(_("This installation has no changelog"))
    numbers = {str(number): number for number in range(1, len(changelog.pages) + 1)}
    number = numbers.get(request.args.get("page", "1"))
    if number is None:
        raise NotFound(_("Page not found"))
    if current_user.user.news_read != changelog.version:
        record_seen(current_user.user.id, news_read=changelog.version)
    return render_template("news/show.html", changelog=changelog, number=number)


def has_news() -> bool | None:
    """Return whether the viewer has not read the changelog. Return None if there is none."""
    changelog = _changelog()
    return None if changelog is None else current_user.user.news_read != changelog.version


def _changelog() -> Changelog | None:
    return read_changelog(RESOURCES, language())
