"""Register pages, API, commands, jobs and undo functions of users."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels
from webapp.audit.undo import UndoRegistry
from webapp.jobs.kinds import JobKinds
from webapp.users import tasks
from webapp.users.api import users_api
from webapp.users.batch_api import batch_api
from webapp.users.deactivation_pages import deactivation_pages
from webapp.users.invitation_api import invitations_api
from webapp.users.invitation_pages import invitation_pages
from webapp.users.invite_pages import invite_pages
from webapp.users.inviting import invitation_for
from webapp.users.labels import FIELD_LABELS, STATUS_LABELS
from webapp.users.pages import users_pages
from webapp.users.shown_values import mailto_url, shown_value
from webapp.users.undo import UNDOS
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(JobKinds).register(tasks.end, tasks.update_keys)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(users_pages)
    app.register_blueprint(deactivation_pages)
    app.register_blueprint(invitation_pages)
    app.register_blueprint(invite_pages)
    app.register_api(users_api)
    app.register_api(invitations_api)
    app.register_api(batch_api)
    app.jinja_env.globals |= {
        "status_labels": STATUS_LABELS,
        "shown_value": shown_value,
        "mailto_url": mailto_url,
        "invitation_for": invitation_for,
    }
