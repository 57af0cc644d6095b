"""Registers the event stream."""

from __future__ import annotations

from webapp.event_stream.api import events_api
from webapp.web.api import App


def register(app: App) -> None:
    app.register_api(events_api)
