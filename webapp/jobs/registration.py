"""Registers jobs, schedules and metrics."""

from __future__ import annotations

from webapp.jobs.commands import jobs_commands
from webapp.jobs.kinds import JobKinds, kind_label, result_label
from webapp.jobs.metrics import init_metrics, metrics_pages
from webapp.jobs.notifier import init_notifier
from webapp.jobs.pages import jobs_pages, running_job
from webapp.jobs.tasks import purge
from webapp.web.api import App


def register(app: App) -> None:
    init_notifier(app.settings)
    init_metrics(app)
    app.registry.get(JobKinds).register(purge)
    app.register_blueprint(metrics_pages)
    app.register_blueprint(jobs_pages)
    app.cli.add_command(jobs_commands)
    app.jinja_env.globals |= {"running_job": running_job, "kind_label": kind_label, "result_label": result_label}
