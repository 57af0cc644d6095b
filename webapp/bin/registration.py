"""Registers deleting, restoring and erasing."""

from __future__ import annotations

from webapp.audit.undo import UndoRegistry
from webapp.bin import tasks
from webapp.bin.api import bin_api
from webapp.bin.pages import bin_pages
from webapp.bin.queries import kept_until
from webapp.bin.undo import UNDOS
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(JobKinds).register(tasks.empty)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(bin_pages)
    app.register_api(bin_api)
    app.jinja_env.globals["kept_until"] = kept_until
