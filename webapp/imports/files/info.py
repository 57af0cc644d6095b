"""What is known about a file before its rows are read."""

from __future__ import annotations

from collections.abc import Mapping as Items
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.imports.files.mapping import Mapping

# Values of a column that the mapping page shows.
SAMPLES_MAX = 5


def changed() -> Invalid:
    return Invalid(_("The file has changed since its columns were read. Choose it again."))


@dataclass(frozen=True)
class FileInfo:
    """`format`: the system that wrote it, of `SYSTEMS`, or the container. `container`: of `systems.CONTAINERS`.

    `encodings`: if there are several, people must choose one.

    `samples`: the first different values of each column. `notes`: sentences for people about what was recognised or
    left out. `first_row`: the number of the first row after the headings, or 1. `part`: the sheet of a workbook, or the
    path of the list in a JSON file. `kinds`: attribute key → kind.
    """

    format: str
    encoding: str
    encodings: tuple[str, ...]
    delimiter: str
    headings: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    mapping: Mapping
    notes: tuple[str, ...] = ()
    first_row: int = 1
    part: str = ""
    container: str = "csv"
    # In bytes.
    size: int = 0
    kinds: Items[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Items[str, Any]) -> Self:
        """`data` must come from `to_json`."""
        lists = {name: tuple(data[name]) for name in ("encodings", "headings", "notes")}
        samples = tuple(tuple(values) for values in data["samples"])
        return cls(**{**data, **lists, "samples": samples, "mapping": Mapping.from_json(data["mapping"])})
