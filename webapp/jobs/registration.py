"""Registers jobs, schedules and metrics."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, SubjectTexts, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.core.erasure import ErasureHooks
from webapp.jobs.api import jobs_api
from webapp.jobs.api_examples import init_api_examples
from webapp.jobs.broker import Broker
from webapp.jobs.files import remove_files_of
from webapp.jobs.kinds import JobKinds, kind_label, result_label
from webapp.jobs.labels import FIELD_LABELS
from webapp.jobs.metrics import init_metrics, metrics_pages
from webapp.jobs.notifier import Notifier
from webapp.jobs.pages import jobs_pages, running_job
from webapp.jobs.progress import format_rate, job_duration, progress_percent, progress_share, progress_value
from webapp.jobs.schedule_api import schedules_api
from webapp.jobs.tasks import purge
from webapp.jobs.undo import UNDOS
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples


def register(app: App) -> None:
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.add(Notifier(Broker(app.settings.celery_broker_url)))
    init_metrics(app)
    app.registry.get(JobKinds).register(purge)
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.registry.get(ValueTexts)["schedule"] = kind_label
    app.registry.get(SubjectTexts).update(job=kind_label, schedule=kind_label)
    app.registry.get(ErasureHooks).append(remove_files_of)
    app.register_blueprint(metrics_pages)
    app.register_blueprint(jobs_pages)
    app.register_api(jobs_api)
    app.register_api(schedules_api)
    app.jinja_env.globals |= {
        "running_job": running_job,
        "kind_label": kind_label,
        "result_label": result_label,
        "progress_value": progress_value,
        "progress_percent": progress_percent,
        "progress_share": progress_share,
        "job_duration": job_duration,
    }
    app.jinja_env.filters["rate"] = format_rate
