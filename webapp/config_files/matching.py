"""Finds the role or group that each item of a file means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from webapp.config_files.file_format import NamedPart
from webapp.config_files.plan import Plan
from webapp.config_files.positions import Path
from webapp.core.text import caseless_key

Row = TypeVar("Row")


def row_finder(
    rows: Mapping[str, Row], items: Sequence[tuple[Path, NamedPart]], plan: Plan
) -> Callable[[NamedPart], Row | None]:
    """Return a function that returns the row of an item, or None if it is new. `rows` are by `caseless_key`.

    Report names that are there twice. An old name counts only if the file does not have an item of this name.
    """
    names = {caseless_key(item.name) for _path, item in items}
    plan.check_unique(((*path, "name"), item.name) for path, item in items)
    plan.check_unique(((*path, "renamed_from"), item.renamed_from) for path, item in items if item.renamed_from)

    def find(item: NamedPart) -> Row | None:
        row = rows.get(caseless_key(item.name))
        old_name = caseless_key(item.renamed_from or "")
        return rows.get(old_name) if row is None and old_name not in names else row

    return find
