"""Rollcall: find, understand and change the people who may use an organisation's systems."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from webapp.account.pages import account_pages
from webapp.api_tokens.commands import tokens_commands
from webapp.api_tokens.identity import init_api_tokens
from webapp.audit.models import ACTION_LABELS
from webapp.core.access import Permission, can, init_access, signed_in
from webapp.core.api import App, init_api
from webapp.core.database import db, engine_options
from webapp.core.health import health_pages
from webapp.core.languages import init_languages
from webapp.core.logs import init_logs
from webapp.core.passwords import init_passwords
from webapp.core.refusals import init_refusals
from webapp.core.templating import init_templating
from webapp.core.web import init_bodies, init_web
from webapp.demo.commands import demo_command
from webapp.imports.commands import import_command
from webapp.settings import ROOT, Settings, load_settings
from webapp.setup.commands import setup_commands
from webapp.setup.pages import setup_pages
from webapp.signin.identity import init_identity, login_manager
from webapp.signin.pages import signin_pages
from webapp.users.api import users_api
from webapp.users.commands import users_commands
from webapp.users.fields import FIELD_LABELS
from webapp.users.pages import users_pages


def create_app(settings: Settings | None = None) -> App:
    """The whole of Rollcall; the only place that knows every feature."""
    settings = settings or load_settings()
    app = App("webapp", ROOT)
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        TESTING=settings.app_env == "testing",
        # In tests too a fault becomes the page that a person would see.
        PROPAGATE_EXCEPTIONS=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["rollcall"] = settings
    init_logs(settings.log_format)
    init_passwords(settings.password_hash_method, processes=settings.web_concurrency)

    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_server_default=False)
    init_web(app, settings)
    init_refusals(app)
    init_languages(app)
    init_identity(app, settings)
    init_api_tokens(login_manager)
    # Who may enter is asked first, so that nobody learns from a form's errors what they may not see.
    init_access(app)
    init_bodies(app)
    csrf = CSRFProtect(app)
    csrf.exempt(users_api)
    init_api(app)
    init_templating(app)
    app.jinja_env.globals |= {"action_label": ACTION_LABELS.get, "field_label": FIELD_LABELS.get}

    for pages in (health_pages, setup_pages, signin_pages, account_pages, users_pages):
        app.register_blueprint(pages)
    app.register_api(users_api)
    users_commands.add_command(import_command)
    for commands in (users_commands, tokens_commands, setup_commands, demo_command):
        app.cli.add_command(commands)
    app.add_url_rule("/", "home", home)
    return app


@signed_in
def home() -> ResponseReturnValue:
    """Where one's work is."""
    return redirect(url_for("users.index" if can(Permission.USERS_READ) else "account.show"))
