"""What a file changes: one entry for each item, from what the services recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar

from webapp.audit.services import Value, grouped_changes
from webapp.config_files.file_format import Section
from webapp.config_files.positions import Lines, Path, problem_at, problems_of
from webapp.core.errors import Problem, Refused
from webapp.core.text import caseless_key
from webapp.db.transactions import transaction
from webapp.db.types import compact_json

T = TypeVar("T")


class Outcome(StrEnum):
    CREATE = "create"
    RESTORE = "restore"
    CHANGE = "change"
    DELETE = "delete"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Entry:
    """What happens to one item. `fields` has field → [before, after]."""

    section: Section
    name: str
    outcome: Outcome
    fields: dict[str, list[Value]]


@dataclass
class Plan:
    """The entries of all items so far, and the problems of those that a service refused."""

    lines: Lines
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def run(self, section: Section, name: str, outcome: Outcome, path: Path, change: Callable[[], T]) -> T | None:
        """Make one change in a savepoint. If a service refuses it, add its problems and return None."""
        try:
            with transaction(), grouped_changes() as group:
                result = change()
        except Refused as error:
            self.refuse(error, path)
            return None
        fields = _merged(group.changes)
        self.entries.append(Entry(section, name, outcome if group.changes else Outcome.UNCHANGED, fields))
        return result

    def refuse(self, error: Refused, path: Path) -> None:
        """Add the problems of the item at `path`."""
        self.problems += problems_of(error, path, self.lines)

    def keep(self, section: Section, name: str) -> None:
        self.entries.append(Entry(section, name, Outcome.UNCHANGED, {}))

    def check_unique(self, items: Iterable[tuple[Path, str]]) -> None:
        """Report the second of two items with the same name."""
        seen: set[str] = set()
        for path, name in items:
            key = caseless_key(name)
            if key in seen:
                self.problems.append(problem_at(path, "twice", f"“{name}” is there twice", self.lines))
            seen.add(key)

    @property
    def changed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.outcome != Outcome.UNCHANGED]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(entry.outcome for entry in self.entries)
        return {outcome.value: counted[outcome] for outcome in Outcome}

    @cached_property
    def hash(self) -> str:
        """A hash of all changes. Call this when the plan is complete."""
        changed = [[entry.section, entry.name, entry.outcome, entry.fields] for entry in self.changed]
        return sha256(compact_json(changed).encode()).hexdigest()[:16]


def _merged(changes: Iterable[dict[str, list[Any]]]) -> dict[str, list[Value]]:
    """Merge the records of one item, which can be restored and then changed. Leave out IDs, which differ each time."""
    merged: dict[str, list[Value]] = {}
    for each in changes:
        for name, (before, after) in each.items():
            if not name.endswith("_id"):
                merged[name] = [merged.get(name, [before])[0], after]
    return merged
