"""The page of archives."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.audit.archives import NEWEST_ARCHIVE_FIRST, list_archives
from webapp.core.context import current_settings
from webapp.core.permissions import Permission
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.guards import requires
from webapp.web.paging import parse_query_parameters
from webapp.web.replicas import from_replica

archive_pages = Blueprint("audit_archives", __name__, url_prefix="/audit/archives")


@archive_pages.get("")
@requires(Permission.AUDIT_READ, everywhere=True)
@from_replica
def index() -> ResponseReturnValue:
    settings = current_settings()
    return render_template(
        "audit_archive/index.html",
        page=paginate(list_archives(), NEWEST_ARCHIVE_FIRST, parse_query_parameters(PageQuery).window),
        keep_days=settings.audit_keep_days if settings.audit_archive_dir else None,
    )
