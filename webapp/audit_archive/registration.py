"""Registers archives of the audit trail: commands, page, API, the scheduled job and labels."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels
from webapp.audit_archive.api import archives_api
from webapp.audit_archive.labels import FIELD_LABELS
from webapp.audit_archive.pages import archive_pages
from webapp.audit_archive.tasks import scheduled_archive
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(JobKinds).register(scheduled_archive(app.settings))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.register_blueprint(archive_pages)
    app.register_api(archives_api)
