"""Archives in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.audit.archives import NEWEST_ARCHIVE_FIRST, list_archives
from webapp.audit_archive.schemas import ArchiveOut, ArchivePage
from webapp.core.permissions import Permission
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.web.api import api_blueprint, page_response
from webapp.web.guards import requires
from webapp.web.replicas import from_replica

archives_api = api_blueprint("archives_api", __name__, tag="Audit trail")


@archives_api.get(
    "/audit-archives",
    summary="List archives of the audit trail",
    description="Newest first. Records in archives are no longer in the database. `flask audit archive` creates them.",
    responses={200: ArchivePage},
)
@requires(Permission.AUDIT_READ, everywhere=True)
@from_replica
def index(query: PageQuery) -> Response:
    page = paginate(list_archives(), NEWEST_ARCHIVE_FIRST, query.window)
    body = ArchivePage(items=[ArchiveOut.of(each) for each in page.items], **page_fields(page))
    return page_response(body, page)
