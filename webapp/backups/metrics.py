"""Metrics of backups for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from webapp.backups.queries import backup_state


def add_backup_metrics(registry: CollectorRegistry) -> None:
    """Add the time of the last verified backup, 0 if there is none, and whether a scheduled one failed after it."""
    state = backup_state()
    last = Gauge(
        "rollcall_backup_timestamp_seconds", "When the last backup was created and verified", registry=registry
    )
    last.set(state.at.timestamp() if state.at else 0)
    failed = Gauge("rollcall_backup_failed", "1 if the last scheduled backup failed", registry=registry)
    failed.set(state.failed_job is not None)
    scheduled = Gauge("rollcall_backup_scheduled", "1 if BACKUP_DIR is set", registry=registry)
    scheduled.set(state.scheduled)
