"""Registers the list of users and its saved views."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.directory import tasks
from webapp.directory.api import directory_api
from webapp.directory.api_examples import init_api_examples
from webapp.directory.display import DENSITY_LABELS
from webapp.directory.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.directory.neighbours import list_position
from webapp.directory.pages import directory_pages
from webapp.directory.palette_pages import palette_pages
from webapp.directory.people_picker import find_people
from webapp.directory.views.api import views_api
from webapp.directory.views.list_pages import list_pages
from webapp.directory.views.pages import views_pages
from webapp.directory.views.shown_view import shown_view, view_url
from webapp.directory.views.undo import UNDOS
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples
from webapp.web.people import PeopleFinder


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(JobKinds).register(tasks.count)
    app.registry.get(UndoRegistry).update(UNDOS)
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.add(PeopleFinder(find_people))
    app.register_blueprint(directory_pages)
    app.register_blueprint(list_pages)
    app.register_blueprint(palette_pages)
    app.register_blueprint(views_pages)
    app.register_api(directory_api)
    app.register_api(views_api)
    app.jinja_env.globals |= {
        "density_labels": DENSITY_LABELS,
        "list_position": list_position,
        "shown_view": shown_view,
        "view_url": view_url,
    }
