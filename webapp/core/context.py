"""What code without Flask may know of its app and its reader: settings, registries, language and time zone.

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
    """The settings of one app, and what its packages registered. It stands in `app.extensions["rollcall"]`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._parts: dict[type[Any], Any] = {}

    def get(self, part: type[T]) -> T:
        """The app's only instance of `part`, made at the first call."""
        if part not in self._parts:
            self._parts[part] = part()
        return cast(T, self._parts[part])

    def add(self, part: object) -> None:
        """Makes `part` the app's instance of its class."""
        self._parts[type(part)] = part


@dataclass
class Context:
    """One app context. Language and time zone are chosen when a text or a time is shown first."""

    registry: Registry
    choose_language: Callable[[], str]
    choose_timezone: Callable[[], str]
    in_request: Callable[[], bool]
    # The context that this one hides until it is popped.
    outer: Context | None = None
    language: str | None = None
    # What `webapp.core.formats` knows of the reader; Any, because that module imports this one.
    viewer: Any = None


current_context: ContextVar[Context | None] = ContextVar("rollcall_context", default=None)


def current_registry() -> Registry:
    """The registry of the app in whose context this code runs. Raise RuntimeError outside of any."""
    context = current_context.get()
    if context is None:
        raise RuntimeError("This needs an app context.")
    return context.registry


def current_settings() -> Settings:
    return current_registry().settings


def in_request() -> bool:
    """Whether this code answers a request. Jobs, commands and migrations do not."""
    context = current_context.get()
    return context is not None and context.in_request()
