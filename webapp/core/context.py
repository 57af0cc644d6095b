"""The current app and viewer for code without Flask: settings, registries, language and time zone.

`webapp.web` sets a `Context` whenever Flask pushes an app context. Outside of one, texts are English and times UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from webapp.settings import Settings

T = TypeVar("T")


class Registry:
    """The settings of one app and the parts that its packages registered. Kept in `app.extensions["rollcall"]`.

    `load` registers all packages. It is called when a part is missing, and does nothing the second time.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.load: Callable[[], None] = lambda: None
        self._parts: dict[type[Any], Any] = {}

    def get(self, part: type[T]) -> T:
        """Return the app's only instance of the class `part`. Create it at the first call."""
        if part not in self._parts:
            self.load()
        if part not in self._parts:
            self._parts[part] = part()
        return cast(T, self._parts[part])

    def add(self, part: object) -> None:
        """Register `part` as the app's only instance of its class."""
        self._parts[type(part)] = part


@dataclass
class Context:
    """One app context. Language and time zone are chosen when they are first needed."""

    registry: Registry
    choose_language: Callable[[], str]
    choose_format_locale: Callable[[], str]
    choose_timezone: Callable[[], str]
    in_request: Callable[[], bool]
    # The context to restore when this one is popped.
    outer: Context | None = None
    language: str | None = None
    # A `webapp.core.formats.Viewer`; Any, because that module imports this one.
    viewer: Any = None


current_context: ContextVar[Context | None] = ContextVar("rollcall_context", default=None)


def current_registry() -> Registry:
    """Return the registry of the current app. Raise RuntimeError outside an app context."""
    context = current_context.get()
    if context is None:
        raise RuntimeError("This needs an app context.")
    return context.registry


def current_settings() -> Settings:
    return current_registry().settings


def in_request() -> bool:
    """Whether this code runs in a request, not in a job, command or migration."""
    context = current_context.get()
    return context is not None and context.in_request()
