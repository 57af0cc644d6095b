"""Registers the job that removes old one-time tokens, and what erases the names of people who issued them."""

from __future__ import annotations

from webapp.core.erasure import ErasureHooks
from webapp.jobs.kinds import JobKinds
from webapp.one_time_tokens.services import anonymise_issuer
from webapp.one_time_tokens.tasks import purge
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(JobKinds).register(purge)
    app.registry.get(ErasureHooks).append(anonymise_issuer)
