"""Registers the audit trail."""

from __future__ import annotations

from webapp.audit.archive_notes import archived_before_list
from webapp.audit.flashes import shown_flashes
from webapp.audit.labels import FIELD_LABELS, VALUE_TEXTS, FieldLabels, ValueTexts, system_actor_text
from webapp.audit.reasons import check_reason_settings, reason_required
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    check_reason_settings(app.settings.reason_required)
    app.jinja_env.globals |= {
        "reason_required": reason_required,
        "shown_flashes": shown_flashes,
        "system_actor_text": system_actor_text,
        "archived_before_list": archived_before_list,
    }
