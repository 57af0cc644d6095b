"""Rollcall: find, understand and change the people who may use an organisation's systems."""

from __future__ import annotations

from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from webapp.access.models import role_label
from webapp.account.pages import account_pages
from webapp.api_tokens.commands import tokens_commands
from webapp.api_tokens.identity import init_api_tokens
from webapp.attributes import tasks as attributes_tasks
from webapp.attributes import undoing as attributes_undoing
from webapp.attributes.pages import attributes_pages
from webapp.attributes.showing import attribute_told, may_see_change
from webapp.audit.commands import audit_commands
from webapp.audit.models import ACTION_LABELS
from webapp.audit.services import reason_asked, require_reasons
from webapp.bin import tasks as bin_tasks
from webapp.bin import undoing as bin_undoing
from webapp.bin.api import bin_api
from webapp.bin.commands import bin_commands
from webapp.bin.pages import bin_pages
from webapp.bin.queries import init_bin, kept_until
from webapp.bin.services import also_forget
from webapp.bulk import tasks as bulk_tasks
from webapp.bulk.pages import bulk_pages, bulk_verbs
from webapp.bulk.services import forget_person as forget_in_bulk
from webapp.core.access import init_access
from webapp.core.api import App, init_api
from webapp.core.database import db, init_database
from webapp.core.engines import engine_options
from webapp.core.health import health_pages
from webapp.core.languages import init_languages
from webapp.core.logs import init_logs
from webapp.core.passwords import init_passwords
from webapp.core.refusals import init_refusals
from webapp.core.templating import init_templating
from webapp.core.web import init_bodies, init_web
from webapp.dashboard import tasks as dashboard_tasks
from webapp.dashboard.pages import dashboard_pages
from webapp.demo.commands import demo_command
from webapp.groups import undoing as groups_undoing
from webapp.groups.pages import groups_pages
from webapp.history.pages import can_undo, history_pages
from webapp.imports.commands import import_command
from webapp.jobs import tasks as jobs_tasks
from webapp.jobs.bell import init_bell
from webapp.jobs.commands import jobs_commands
from webapp.jobs.kinds import kind_label, result_label
from webapp.jobs.metrics import init_metrics, metrics_pages
from webapp.jobs.pages import jobs_pages, running_job
from webapp.mail import tasks as mail_tasks
from webapp.mail.delivery import init_mail
from webapp.reviews.pages import reviews_pages
from webapp.roles import undoing as roles_undoing
from webapp.roles.granting import granting_pages
from webapp.roles.holding import access_pages
from webapp.roles.pages import roles_pages
from webapp.settings import ROOT, Settings, load_settings
from webapp.setup.commands import setup_commands
from webapp.setup.pages import setup_pages
from webapp.signin import tasks as signin_tasks
from webapp.signin.identity import init_identity, login_manager
from webapp.signin.pages import signin_pages
from webapp.users import tasks as users_tasks
from webapp.users import undoing as users_undoing
from webapp.users.api import users_api
from webapp.users.commands import users_commands
from webapp.users.fields import field_label
from webapp.users.pages import users_pages
from webapp.views import undoing as views_undoing
from webapp.views.pages import shown_view, view_url, views_pages

# Importing them is what makes known their kinds of jobs, and how their changes are taken back.
TASKS = (attributes_tasks, bin_tasks, bulk_tasks, dashboard_tasks, jobs_tasks, mail_tasks, signin_tasks, users_tasks)
UNDOING = (attributes_undoing, bin_undoing, groups_undoing, roles_undoing, users_undoing, views_undoing)


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
    init_mail(settings.mail_url, settings.mail_from)
    require_reasons(settings.reason_required)
    init_bin(settings.bin_days)
    also_forget[:] = [forget_in_bulk]
    init_passwords(settings.password_hash_method, processes=settings.web_concurrency)

    init_database(app)
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
    csrf.exempt(bin_api)
    init_api(app)
    init_templating(app)
    app.jinja_env.globals |= {"role_label": role_label, "reason_asked": reason_asked}
    app.jinja_env.filters["role_label"] = role_label
    app.jinja_env.globals |= {"action_label": ACTION_LABELS.get, "field_label": field_label}
    app.jinja_env.globals |= {"attribute_told": attribute_told, "may_see_change": may_see_change}
    app.jinja_env.globals |= {"shown_view": shown_view, "view_url": view_url}
    app.jinja_env.globals |= {"can_undo": can_undo, "kept_until": kept_until, "bulk_verbs": bulk_verbs}

    init_bell(settings)
    init_metrics(app)
    app.jinja_env.globals |= {"running_job": running_job, "kind_label": kind_label, "result_label": result_label}

    for pages in (
        health_pages,
        metrics_pages,
        setup_pages,
        signin_pages,
        account_pages,
        users_pages,
        bin_pages,
        views_pages,
        bulk_pages,
        groups_pages,
        roles_pages,
        access_pages,
        granting_pages,
        reviews_pages,
        attributes_pages,
        jobs_pages,
        history_pages,
        dashboard_pages,
    ):
        app.register_blueprint(pages)
    app.register_api(users_api)
    app.register_api(bin_api)
    for command in (import_command, *bin_commands):
        users_commands.add_command(command)
    for commands in (users_commands, tokens_commands, setup_commands, jobs_commands, audit_commands, demo_command):
        app.cli.add_command(commands)
    return app
