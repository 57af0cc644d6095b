"""Checks of the fields of an endpoint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from webapp.core.errors import Invalid
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.outgoing.urls import checked_url
from webapp.users.checks import collect_problems
from webapp.webhooks.events import checked_events
from webapp.webhooks.models import DESCRIPTION_MAX


class CheckedEndpoint(NamedTuple):
    """The fields of a new endpoint, checked."""

    url: str
    events: list[str]
    description: str


def check_endpoint(*, url: str, events: Iterable[str], description: str = "", resolve: bool = True) -> CheckedEndpoint:
    """Raise Invalid. Call this before a transaction: it waits for name servers, and others would wait with it.

    `resolve`: see `checked_url`.
    """
    return CheckedEndpoint(
        *collect_problems(
            lambda: checked_url(url, resolve=resolve),
            lambda: checked_events(events),
            lambda: checked_description(description),
        )
    )


def checked_description(text: str) -> str:
    text = clean_text(text, field="description", joiners=True)
    if len(text) > DESCRIPTION_MAX:
        message = _("Use at most %(max)s characters", max=DESCRIPTION_MAX)
        raise Invalid(message, field="description", code="length")
    return text
