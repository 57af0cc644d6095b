"""Registers middleware, error pages, guards, languages, templates and health checks."""

from __future__ import annotations

from flask_wtf import CSRFProtect

from webapp.core.erasure import ErasureHooks
from webapp.web.api import App, init_api
from webapp.web.error_pages import init_error_pages
from webapp.web.guards import init_guards
from webapp.web.health import health_pages
from webapp.web.idempotency import delete_stored_responses
from webapp.web.languages import init_languages
from webapp.web.middleware import init_middleware, init_request_bodies
from webapp.web.overload import init_overload
from webapp.web.rate_limits import init_rate_limits
from webapp.web.replicas import init_replicas
from webapp.web.templating import init_templating


def register(app: App) -> None:
    init_middleware(app, app.settings)
    init_error_pages(app)
    # Before the guards, which read the database.
    init_rate_limits(app)
    init_languages(app)
    # Guards run before the body is read: form errors must not reveal data to people without permission.
    init_guards(app)
    init_request_bodies(app)
    init_replicas(app, app.registry)
    CSRFProtect(app)
    init_api(app)
    init_templating(app)
    init_overload(app)
    app.registry.get(ErasureHooks).append(delete_stored_responses)
    app.register_blueprint(health_pages)
