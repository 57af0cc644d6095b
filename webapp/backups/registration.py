"""Registers backups: commands, the scheduled job, labels and the check of /readyz."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels
from webapp.backups.labels import FIELD_LABELS
from webapp.backups.metrics import add_backup_metrics
from webapp.backups.queries import backup_warning
from webapp.backups.tasks import scheduled_backup
from webapp.jobs.kinds import JobKinds
from webapp.jobs.metrics import MetricSources
from webapp.web.api import App
from webapp.web.health import Warnings


def register(app: App) -> None:
    app.registry.get(JobKinds).register(scheduled_backup(app.settings))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(Warnings)["backup"] = backup_warning
    app.registry.get(MetricSources).append(add_backup_metrics)
