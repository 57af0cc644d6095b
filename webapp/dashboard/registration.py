"""Registers the dashboard and its jobs."""

from __future__ import annotations

from webapp.dashboard import tasks
from webapp.dashboard.api import reports_api
from webapp.dashboard.pages import dashboard_pages
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(JobKinds).register(tasks.refresh_totals, tasks.report_dormant)
    app.register_blueprint(dashboard_pages)
    app.register_api(reports_api)
