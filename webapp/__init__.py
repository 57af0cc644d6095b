"""Rollcall: find, understand and change the people who may use an organisation's systems."""

from __future__ import annotations

from importlib import import_module

from webapp.core.context import Registry
from webapp.core.passwords import Hasher
from webapp.db.engines import engine_options
from webapp.settings import ROOT, Settings, load_settings
from webapp.web.api import App
from webapp.web.logs import init_logs

# Each has a module `registration` with a function `register(app)`. Lower packages come first.
PACKAGES = (
    *("db", "web", "audit", "jobs", "mail", "access", "attributes", "users", "groups", "roles", "directory"),
    *("signin", "account", "api_tokens", "setup", "bin", "bulk", "imports", "history", "reviews", "dashboard", "demo"),
)


def create_app(settings: Settings | None = None) -> App:
    """The whole of Rollcall."""
    settings = settings or load_settings()
    init_logs(settings.log_format)
    registry = Registry(settings)
    registry.add(Hasher(settings.password_hash_method, processes=settings.web_concurrency))
    app = App("webapp", ROOT, registry)
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        TESTING=settings.app_env == "testing",
        # In tests too a fault becomes the page that a person would see.
        PROPAGATE_EXCEPTIONS=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    for package in PACKAGES:
        import_module(f"webapp.{package}.registration").register(app)
    return app
