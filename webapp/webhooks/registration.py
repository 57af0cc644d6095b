"""Registers pages, API, commands, labels, undo functions, the job and the erasure of webhooks."""

from __future__ import annotations

from webapp.audit.holds import Holds
from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.core.erasure import ErasureHooks
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App
from webapp.webhooks import tasks
from webapp.webhooks.api import webhooks_api
from webapp.webhooks.delivery_pages import delivery_pages
from webapp.webhooks.erasure import forget_answers
from webapp.webhooks.holds import records_to_deliver
from webapp.webhooks.labels import DELIVERY_STATES, ENDPOINT_STATES, FIELD_LABELS, VALUE_TEXTS, event_label, outcome
from webapp.webhooks.pages import webhook_pages
from webapp.webhooks.undo import UNDOS


def register(app: App) -> None:
    app.registry.get(Holds).append(records_to_deliver)
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.registry.get(JobKinds).register(tasks.purge)
    app.registry.get(ErasureHooks).append(forget_answers)
    app.register_blueprint(webhook_pages)
    app.register_blueprint(delivery_pages)
    app.register_api(webhooks_api)
    app.jinja_env.globals |= {
        "webhook_state_label": ENDPOINT_STATES.__getitem__,
        "delivery_state_label": DELIVERY_STATES.__getitem__,
        "event_label": event_label,
        "delivery_outcome": outcome,
    }
