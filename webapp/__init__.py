"""Rollcall: find, understand and change the people who may use an organisation's systems."""

from __future__ import annotations

from webapp.access.registration import register as register_access
from webapp.account.registration import register as register_account
from webapp.api_tokens.registration import register as register_api_tokens
from webapp.attributes.registration import register as register_attributes
from webapp.audit.registration import register as register_audit
from webapp.audit_archive.registration import register as register_audit_archive
from webapp.backups.registration import register as register_backups
from webapp.bin.registration import register as register_bin
from webapp.bulk.registration import register as register_bulk
from webapp.config_files.registration import register as register_config_files
from webapp.core.context import Registry
from webapp.core.passwords import Hasher
from webapp.dashboard.registration import register as register_dashboard
from webapp.db.engines import engine_options
from webapp.db.registration import register as register_db
from webapp.demo.registration import register as register_demo
from webapp.directory.registration import register as register_directory
from webapp.duplicates.registration import register as register_duplicates
from webapp.email_changes.registration import register as register_email_changes
from webapp.event_stream.registration import register as register_event_stream
from webapp.factors.registration import register as register_factors
from webapp.feeds.registration import register as register_feeds
from webapp.groups.registration import register as register_groups
from webapp.history.registration import register as register_history
from webapp.imports.registration import register as register_imports
from webapp.invitations.registration import register as register_invitations
from webapp.jobs.registration import register as register_jobs
from webapp.mail.registration import register as register_mail
from webapp.mail_settings.registration import register as register_mail_settings
from webapp.news.registration import register as register_news
from webapp.notes.registration import register as register_notes
from webapp.onboarding.registration import register as register_onboarding
from webapp.one_time_tokens.registration import register as register_one_time_tokens
from webapp.photos.registration import register as register_photos
from webapp.recovery.registration import register as register_recovery
from webapp.reviews.registration import register as register_reviews
from webapp.roles.registration import register as register_roles
from webapp.scheduled_exports.registration import register as register_scheduled_exports
from webapp.settings import REQUEST_THREADS, Settings, load_settings
from webapp.settings_pages.registration import register as register_settings_pages
from webapp.setup.registration import register as register_setup
from webapp.signin.registration import register as register_signin
from webapp.tracing.registration import register as register_tracing
from webapp.user_security.registration import register as register_user_security
from webapp.users.registration import register as register_users
from webapp.web.api import App
from webapp.web.commands import init_commands
from webapp.web.logs import init_logs
from webapp.web.registration import register as register_web
from webapp.webhooks.registration import register as register_webhooks

# Lower packages come first.
REGISTRATIONS = (
    register_db,
    register_web,
    register_audit,
    register_jobs,
    register_mail,
    register_access,
    register_attributes,
    register_mail_settings,
    register_one_time_tokens,
    register_invitations,
    register_users,
    register_photos,
    register_notes,
    register_groups,
    register_roles,
    register_directory,
    register_factors,
    register_signin,
    register_recovery,
    register_api_tokens,
    register_onboarding,
    register_email_changes,
    register_settings_pages,
    register_user_security,
    register_account,
    register_setup,
    register_bin,
    register_bulk,
    register_duplicates,
    register_webhooks,
    register_imports,
    register_feeds,
    register_scheduled_exports,
    register_history,
    register_event_stream,
    register_config_files,
    register_reviews,
    register_backups,
    register_audit_archive,
    register_dashboard,
    register_news,
    register_demo,
    register_tracing,
)


def create_app(settings: Settings | None = None) -> App:
    """Return the app with all packages. `settings`: by default those of the environment."""
    settings = settings or load_settings()
    init_logs(settings.log_format)
    registry = Registry(settings)
    registry.add(Hasher(settings.password_hash_method, processes=settings.web_concurrency, threads=REQUEST_THREADS))
    app = App("webapp", registry)
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
    for register in REGISTRATIONS:
        register(app)
    init_commands(app)
    return app
