"""Sets the `Context` of core/context.py whenever Flask pushes an app context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, appcontext_popped, appcontext_pushed, has_request_context

from webapp.core.context import Context, current_context
from webapp.core.texts import DEFAULT_LOCALE, DEFAULT_TIMEZONE
from webapp.web.app import App


@dataclass(frozen=True)
class Choices:
    """How language, locale of dates, and time zone are chosen. The defaults are those outside of a request."""

    language: Callable[[], str] = lambda: DEFAULT_LOCALE
    format_locale: Callable[[], str] = language
    timezone: Callable[[], str] = lambda: DEFAULT_TIMEZONE


def init_contexts(app: App) -> None:
    app.registry.add(Choices())
    appcontext_pushed.connect(_push_context, app)
    appcontext_popped.connect(_pop_context, app)


def _push_context(app: Flask, **_signal: Any) -> None:
    registry = app.extensions["rollcall"]
    choices, outer = registry.get(Choices), current_context.get()
    current_context.set(
        Context(registry, choices.language, choices.format_locale, choices.timezone, has_request_context, outer)
    )


def _pop_context(app: Flask, **_signal: Any) -> None:
    context = current_context.get()
    current_context.set(context.outer if context else None)
