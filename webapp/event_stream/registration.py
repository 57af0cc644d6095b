"""Registers the event stream, and its push to another system."""

from __future__ import annotations

from webapp.audit.holds import Holds
from webapp.audit.labels import FieldLabels, SubjectTexts
from webapp.event_stream.api import events_api
from webapp.event_stream.push.api import push_api
from webapp.event_stream.push.holds import records_to_push
from webapp.event_stream.push.labels import FIELD_LABELS, STATE_LABELS, subject_text
from webapp.event_stream.push.pages import push_pages
from webapp.event_stream.push.queries import received_security_seq
from webapp.event_stream.push.sending import push_events
from webapp.jobs.background_loops import BackgroundLoop, BackgroundLoops
from webapp.signin.retention import EventReaders
from webapp.web.api import App

PUSH_SECONDS = 2


def register(app: App) -> None:
    app.registry.get(Holds).append(records_to_push)
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(SubjectTexts)["event_push"] = subject_text
    app.registry.get(BackgroundLoops).append(BackgroundLoop("event-push", PUSH_SECONDS, push_events))
    app.registry.get(EventReaders).append(received_security_seq)
    for api in (events_api, push_api):
        app.register_api(api)
    app.register_blueprint(push_pages)
    app.jinja_env.globals["event_push_states"] = STATE_LABELS
