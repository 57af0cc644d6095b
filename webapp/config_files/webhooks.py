"""The section `webhooks`. A new webhook gets a new secret; a file never has one."""

from __future__ import annotations

from functools import partial
from typing import Any

from webapp.config_files.file_format import ConfigFile, Section, WebhookPart
from webapp.config_files.plan import Outcome, Plan
from webapp.config_files.positions import Path
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor
from webapp.db.transactions import release_connection
from webapp.outgoing.urls import checked_url, clean_url
from webapp.webhooks.checks import check_endpoint
from webapp.webhooks.models import Endpoint
from webapp.webhooks.queries import list_endpoints
from webapp.webhooks.services import (
    add_endpoint,
    delete_endpoint,
    pause_endpoint,
    resume_endpoint,
    update_endpoint,
)

SECTION = Section.WEBHOOKS


def export_webhooks() -> list[dict[str, Any]]:
    return [_exported(endpoint) for endpoint in list_endpoints()]


def check_addresses(file: ConfigFile, plan: Plan) -> None:
    """Report new addresses that lead into an internal network.

    Call this before the transaction: it waits for name servers, and others would wait with it.
    """
    known = {endpoint.url for endpoint in list_endpoints()}
    release_connection()
    for index, item in enumerate(file.webhooks or []):
        url = _spelled(item.url)
        if url and url not in known:
            try:
                checked_url(url)
            except Invalid as error:
                plan.refuse(error, (SECTION, index))


def apply_webhooks(file: ConfigFile, plan: Plan, by: Actor) -> None:
    """Apply the section. The first item with an address means the oldest webhook with it, and so on."""
    unused: dict[str, list[Endpoint]] = {}
    for endpoint in list_endpoints():
        unused.setdefault(endpoint.url, []).append(endpoint)
    found = [(item, _take(unused, item.url)) for item in file.webhooks or []]
    if SECTION in file.complete:
        for endpoint in (each for endpoints in unused.values() for each in endpoints):
            plan.run(SECTION, endpoint.url, Outcome.DELETE, (SECTION,), partial(delete_endpoint, endpoint.id, by=by))
    for index, (item, row) in enumerate(found):
        _apply_webhook(item, row, (SECTION, index), plan, by)


def _take(unused: dict[str, list[Endpoint]], url: str) -> Endpoint | None:
    endpoints = unused.get(_spelled(url))
    return endpoints.pop(0) if endpoints else None


def _spelled(url: str) -> str:
    """Return the address in its one spelling, or "" if it is none: creating it is refused with all problems."""
    try:
        return clean_url(url, field="url")
    except Invalid:
        return ""


def _apply_webhook(item: WebhookPart, row: Endpoint | None, path: Path, plan: Plan, by: Actor) -> None:
    if row is None:
        plan.run(SECTION, item.url, Outcome.CREATE, path, partial(_create, item, by))
        return
    current = _exported(row)
    changed = {name: value for name, value in item.given.items() if name != "url" and value != current[name]}
    if changed:
        plan.run(SECTION, item.url, Outcome.CHANGE, path, partial(_update, row, changed, by))
    else:
        plan.keep(SECTION, item.url)


def _create(item: WebhookPart, by: Actor) -> None:
    checked = check_endpoint(url=item.url, events=item.events, description=item.description, resolve=False)
    endpoint = add_endpoint(checked, by=by).endpoint
    if item.paused:
        pause_endpoint(endpoint.id, by=by)


def _update(row: Endpoint, changed: dict[str, Any], by: Actor) -> None:
    paused = changed.pop("paused", None)
    if changed:
        update_endpoint(row.id, by=by, **changed)
    if paused is not None:
        (pause_endpoint if paused else resume_endpoint)(row.id, by=by)


def _exported(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "url": endpoint.url,
        "description": endpoint.description,
        "events": list(endpoint.events),
        "paused": endpoint.paused_at is not None,
    }
