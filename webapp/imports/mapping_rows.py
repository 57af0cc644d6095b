"""Saved mappings as the templates print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.imports.files.mapping import Mapping
from webapp.imports.labels import KEY_LABELS, MODE_LABELS
from webapp.imports.models import EMAIL, Mode, SavedMapping


@dataclass(frozen=True, slots=True)
class MappingRow:
    """`columns`: the heading of each imported column with its field. `saved_by` is None for commands."""

    id: UUID
    name: str
    mode_label: str
    key_label: str
    columns: list[tuple[str, str]]
    saved_by: str | None
    saved_at: datetime
    last_used_at: datetime | None


def mapping_row(saved: SavedMapping) -> MappingRow:
    key = saved.options.get("key_field", EMAIL)
    return MappingRow(
        id=saved.id,
        name=saved.name,
        mode_label=MODE_LABELS[saved.options.get("mode", Mode.CREATE)],
        key_label=str(KEY_LABELS.get(key, key)),
        columns=imported_columns(Mapping.from_json(saved.mapping)),
        saved_by=saved.saved_by.name if saved.saved_by else None,
        saved_at=saved.saved_at,
        last_used_at=saved.last_used_at,
    )


def imported_columns(mapping: Mapping) -> list[tuple[str, str]]:
    ignored = set(mapping.ignored())
    return [(each.heading, each.target) for each in mapping.columns if each.heading and each.heading not in ignored]
