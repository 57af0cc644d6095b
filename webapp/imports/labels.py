"""Labels of imports: their states, modes, the outcomes of their rows, and the fields of their audit records."""

from __future__ import annotations

import json
from collections.abc import Callable

from webapp.core.texts import _, pgettext
from webapp.imports.files.mapping import IGNORE
from webapp.imports.models import EMAIL, ID, USERNAME, Mode, Outcome, State

STATE_LABELS: dict[str, str] = {
    State.UPLOADED: _("Not finished"),
    State.PLANNING: _("Creating preview"),
    State.PLANNED: _("Ready to apply"),
    State.APPLYING: _("Applying"),
    State.APPLIED: pgettext("import", "Imported"),
    State.UNDOING: _("Undoing"),
    State.UNDONE: pgettext("import", "Undone"),
}
MODE_LABELS: dict[str, str] = {
    Mode.CREATE: _("Only add new people"),
    Mode.UPDATE: _("Only change people who exist"),
    Mode.UPSERT: _("Add new people and change those who exist"),
    Mode.MATCH: _("Make Rollcall match the file"),
}
MODE_HELP: dict[str, str] = {
    Mode.CREATE: _("People who exist already are listed as conflicts and stay as they are."),
    Mode.UPDATE: _("Rows about people who do not exist are refused."),
    Mode.UPSERT: _("An empty cell removes a value. Roles and groups are added, never removed."),
    Mode.MATCH: _("Also deactivates people who are missing in the file. Use it with a complete list only."),
}
KEY_LABELS: dict[str, str] = {EMAIL: _("E-mail address"), USERNAME: _("Username"), ID: _("ID")}
# In the order in which the page offers them as filters.
OUTCOME_LABELS: dict[str, str] = {
    Outcome.CREATE: pgettext("row", "Will be added"),
    Outcome.UPDATE: pgettext("row", "Will change"),
    Outcome.DEACTIVATE: pgettext("row", "Will be deactivated"),
    Outcome.CREATED: pgettext("row", "Added"),
    Outcome.UPDATED: pgettext("row", "Changed"),
    Outcome.DEACTIVATED: pgettext("row", "Deactivated"),
    Outcome.UNDONE: pgettext("row", "Undone"),
    Outcome.KEPT: pgettext("row", "Not undone"),
    Outcome.CONFLICT: pgettext("row", "Conflict"),
    Outcome.REFUSED: pgettext("row", "Cannot be imported"),
    Outcome.OVERTAKEN: pgettext("row", "Changed since the preview"),
    Outcome.SKIPPED: pgettext("row", "Skipped"),
    Outcome.UNCHANGED: pgettext("row", "No change needed"),
}
FIELD_LABELS = {"import_mode": _("Mode"), "import_rows": _("Rows"), "mapping_settings": _("Columns")} | {
    f"import_{outcome}": label for outcome, label in OUTCOME_LABELS.items()
}


def _columns(settings: str) -> str:
    """Return the columns of a saved mapping in the audit trail, which keeps them in JSON."""
    columns = json.loads(settings)["mapping"]["columns"]
    return ", ".join(f"{each['heading']} → {each['target']}" for each in columns if each["target"] != IGNORE)


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "import_mode": lambda mode: str(MODE_LABELS.get(mode, mode)),
    "mapping_settings": _columns,
}
