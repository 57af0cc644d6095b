"""The packages that register something in an app."""

from __future__ import annotations

from collections.abc import Callable

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
from webapp.dashboard.registration import register as register_dashboard
from webapp.db.registration import register as register_db
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
from webapp.settings_pages.registration import register as register_settings_pages
from webapp.setup.registration import register as register_setup
from webapp.signin.registration import register as register_signin
from webapp.tracing.registration import register as register_tracing
from webapp.user_security.registration import register as register_user_security
from webapp.users.registration import register as register_users
from webapp.web.app import App
from webapp.web.registration import register as register_web
from webapp.webhooks.registration import register as register_webhooks

# Lower packages come first.
REGISTRATIONS: tuple[Callable[[App], None], ...] = (
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
    register_tracing,
)
