"""Rollcall: find, understand and change the people who may use an organisation's systems."""

from __future__ import annotations

from webapp.command_table import COMMANDS
from webapp.core.context import Registry
from webapp.core.passwords import Hasher
from webapp.db.databases import init_databases
from webapp.db.engines import engine_options
from webapp.settings import REQUEST_THREADS, Settings, load_settings
from webapp.web.app import App
from webapp.web.commands import explain_all
from webapp.web.contexts import init_contexts
from webapp.web.lazy_commands import Commands
from webapp.web.logs import init_logs


def create_app(settings: Settings | None = None) -> App:
    """Return the app with all packages. `settings`: by default those of the environment."""
    app = create_command_app(settings)
    app.load()
    return app


def create_command_app(settings: Settings | None = None) -> App:
    """Return an app that registers its packages when something needs them. Most commands that only read do not."""
    settings = settings or load_settings()
    init_logs(settings.log_format)
    registry = Registry(settings)
    registry.add(Hasher(settings.password_hash_method, processes=settings.web_concurrency, threads=REQUEST_THREADS))
    app = App("webapp", registry, _register_packages)
    registry.load = app.load_or_exit
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SECRET_KEY_FALLBACKS=settings.previous_secret_keys,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        SQLALCHEMY_BINDS={
            f"replica {number}": {"url": url} | engine_options(url)
            for number, url in enumerate(settings.database_replica_urls, 1)
        },
        TESTING=settings.app_env == "testing",
        # Whatever FLASK_DEBUG says.
        DEBUG=app.debug and settings.app_env != "production",
        # Also in tests, an unexpected error becomes an error page.
        PROPAGATE_EXCEPTIONS=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    init_contexts(app)
    init_databases(app, registry)
    _init_commands(app)
    return app


def _init_commands(app: App) -> None:
    commands = Commands(COMMANDS, app.load_or_exit)
    # flask-openapi has registered its command.
    for command in app.cli.commands.values():
        commands.add_command(command)
    app.cli = commands


def _register_packages(app: App) -> None:
    # Pages, API, forms and jobs of all packages: half of the time that a command takes.
    from webapp.packages import REGISTRATIONS  # noqa: PLC0415

    for register in REGISTRATIONS:
        register(app)
    explain_all(app.cli)
