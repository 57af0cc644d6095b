"""Registers feeds."""

from __future__ import annotations

from functools import partial

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.core.erasure import ErasureHooks
from webapp.feeds import tasks
from webapp.feeds.api import feeds_api
from webapp.feeds.kind import FEEDS
from webapp.feeds.labels import FIELD_LABELS, SOURCE_LABELS, VALUE_TEXTS, silence_label
from webapp.feeds.pages import feeds_pages
from webapp.feeds.starting import start_due_feeds
from webapp.feeds.undo import UNDOS
from webapp.jobs.kinds import JobKinds
from webapp.jobs.labels import day_label
from webapp.jobs.timetables import DueWork
from webapp.recurring.starting import forget_owner
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.registry.get(JobKinds).register(tasks.run, tasks.purge)
    app.registry.get(DueWork).append(start_due_feeds)
    app.registry.get(ErasureHooks).append(partial(forget_owner, FEEDS))
    app.register_blueprint(feeds_pages)
    app.register_api(feeds_api)
    app.jinja_env.globals |= {
        "feed_source_label": SOURCE_LABELS.__getitem__,
        "feed_silence_label": silence_label,
        "day_label": day_label,
    }
