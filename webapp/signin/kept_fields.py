"""A kept form, as people read it."""

from __future__ import annotations

import re
from contextlib import suppress

from markupsafe import Markup

from webapp.attributes.display import field_label
from webapp.users.shown_values import isolated, shown_value
from webapp.web.kept_forms import KeptForm

# People do not read these: versions, tokens, IDs, and what a form was opened with. Keys of attributes may end in _id.
_TECHNICAL = re.compile(r"(version|opened_with|form_token|next|untouched|plan_hash|.*\.opened|[^.]*_id)")
_IDS = re.compile(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(, )?)+")
# Fields of forms hold times without their zone.
_TIMES = frozenset({"starts_at", "ends_at"})
VALUE_MAX = 300


def shown_fields(kept: KeptForm) -> list[tuple[str, Markup]]:
    """Return the label and the values, as HTML, of each field that has a label and a value."""
    values: dict[str, list[str]] = {}
    for name, value in kept.fields:
        if value and not _TECHNICAL.fullmatch(name):
            values.setdefault(name, []).append(value)
    shown = ((field_label(name), _shown(name, all_values)) for name, all_values in values.items())
    return [(str(label), text) for label, text in shown if label and not _IDS.fullmatch(text.striptags())]


def _shown(name: str, values: list[str]) -> Markup:
    if name in _TIMES:
        return isolated(values[0][:VALUE_MAX].replace("T", " "))
    joined = ", ".join(values)
    if len(joined) > VALUE_MAX:
        return isolated(joined[:VALUE_MAX] + "…")
    # What people typed need not be valid.
    with suppress(ValueError, KeyError):
        return shown_value(name, values if len(values) > 1 else values[0])
    return isolated(joined)
