"""Saved mappings as the templates print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from webapp.imports.files.mapping import IGNORE
from webapp.imports.files.mapping import Mapping as FileMapping
from webapp.imports.labels import KEY_LABELS, MODE_LABELS
from webapp.imports.models import EMAIL, Mode, SavedMapping


@dataclass(frozen=True, slots=True)
class MappingRow:
    """`columns`: the heading of each imported column with the label of its field. `saved_by` is None for commands."""

    id: UUID
    name: str
    mode_label: str
    key_label: str
    columns: list[tuple[str, str]]
    saved_by: str | None
    saved_at: datetime
    last_used_at: datetime | None


def mapping_row(saved: SavedMapping, labels: Mapping[str, str] = MappingProxyType({})) -> MappingRow:
    """`labels`: of fields. Others are shown by their key."""
    key = saved.options.get("key_field", EMAIL)
    return MappingRow(
        id=saved.id,
        name=saved.name,
        mode_label=MODE_LABELS[saved.options.get("mode", Mode.CREATE)],
        key_label=str(KEY_LABELS.get(key, key)),
        columns=[
            (each.heading, labels.get(each.target, each.target))
            for each in FileMapping.from_json(saved.mapping).columns
            if each.heading and each.target != IGNORE
        ],
        saved_by=saved.saved_by.name if saved.saved_by else None,
        saved_at=saved.saved_at,
        last_used_at=saved.last_used_at,
    )
