"""Kinds of recurring work: what the shared code has to know of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from webapp.audit.actions import Action
from webapp.core.permissions import Actor, Permission
from webapp.recurring.models import Recurring, RecurringRun

Row = TypeVar("Row", bound=Recurring)
Run = TypeVar("Run", bound=RecurringRun)


@dataclass(frozen=True)
class Kind(Generic[Row, Run]):
    """One kind of recurring work, such as feeds. Texts are translated when they are shown.

    `name`: in audit records, such as "feed". `plural`: the package, and the prefix of its jobs.
    `private`: people see and change only their own. Otherwise everyone who has the permission everywhere.
    `limit`: how many can exist, or of a private kind how many one person can have.
    `problems`: outcomes that a person should look at. `uneventful`: those of runs in which nothing happened.
    `audited`: returns what audit records say of a row. `refusals`: translates the refusals of constraints.
    """

    name: str
    plural: str
    row: type[Row]
    run: type[Run]
    actor: Actor
    permission: Permission
    private: bool
    limit: int
    not_found: str
    is_running: str
    too_many: str
    needs_owner: str
    state_field: str
    state_labels: Mapping[str, str]
    outcome_labels: Mapping[str, str]
    problems: Collection[str]
    audited: Callable[[Row], dict[str, object]]
    uneventful: Collection[str] = ()
    records_runs: bool = False
    refusals: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    def run_job(self) -> str:
        return f"{self.plural}.run"

    def action(self, verb: str) -> Action:
        return Action(f"{self.name}.{verb}")

    def state_label(self, row: Row) -> str:
        return self.state_labels[PAUSED if row.paused_at else ACTIVE]

    def outcome_label(self, outcome: str | None) -> str:
        """Return the label. It is empty while a run is running, or before the first."""
        return str(self.outcome_labels.get(outcome, outcome)) if outcome else ""


ACTIVE, PAUSED = "active", "paused"
