"""Registers the pages, API, job and undo functions of photos."""

from __future__ import annotations

from webapp.audit.undo import UndoRegistry
from webapp.jobs.kinds import JobKinds
from webapp.photos import tasks
from webapp.photos.api import photos_api
from webapp.photos.pages import photo_pages, photo_url
from webapp.photos.undo import UNDOS
from webapp.web.api import App
from webapp.web.guards import actor
from webapp.web.rate_limits import limit_calls

# More than anyone chooses. Decoding a picture keeps a thread busy.
UPLOADS_OF_ONESELF = "30/hour"


def register(app: App) -> None:
    app.registry.get(JobKinds).register(tasks.purge)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(photo_pages)
    app.register_api(photos_api)
    app.jinja_env.globals["photo_url"] = photo_url
    limit_calls(app, "photos.save_own", UPLOADS_OF_ONESELF, lambda: f"photo {actor().id}")
