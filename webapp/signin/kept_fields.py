"""The fields of a kept form, as people read them."""

from __future__ import annotations

import re

from webapp.attributes.display import field_label
from webapp.web.kept_forms import KeptForm

# People do not read these: versions, tokens, IDs, and what a form was opened with.
_TECHNICAL = re.compile(r"(version|opened_with|form_token|next|untouched|plan_hash|.*\.opened|.*_id)")


def shown_fields(kept: KeptForm | None) -> list[tuple[str, str]]:
    """Return the label and value of each field that has a label and a value."""
    if kept is None:
        return []
    labelled = ((field_label(name), value) for name, value in kept.fields if not _TECHNICAL.fullmatch(name))
    return [(str(label), value) for label, value in labelled if label and value]
