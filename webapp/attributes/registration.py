"""Registers attributes."""

from __future__ import annotations

from webapp.attributes import tasks
from webapp.attributes.api import attributes_api
from webapp.attributes.api_examples import init_api_examples
from webapp.attributes.display import can_see_change, field_label, format_attribute_value
from webapp.attributes.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.attributes.pages import attributes_pages
from webapp.attributes.undo import UNDOS
from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples


def register(app: App) -> None:
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(JobKinds).register(tasks.index)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(attributes_pages)
    app.register_api(attributes_api)
    app.jinja_env.globals |= {
        "format_attribute_value": format_attribute_value,
        "field_label": field_label,
        "can_see_change": can_see_change,
    }
