"""The only entry point to configuration files: preview, apply, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webapp.access.checks import check_everywhere
from webapp.audit.actions import Action
from webapp.audit.services import SubjectId, grouped_changes, record
from webapp.config_files.attributes import apply_attributes, export_attributes
from webapp.config_files.file_format import FORMAT_VERSION, ConfigFile, Section
from webapp.config_files.groups import apply_groups, export_groups
from webapp.config_files.plan import Entry, Outcome, Plan
from webapp.config_files.positions import Lines
from webapp.config_files.roles import apply_roles, export_roles
from webapp.config_files.settings import (
    apply_mail,
    apply_organisation,
    apply_schedules,
    export_mail,
    export_organisation,
    export_schedules,
)
from webapp.config_files.webhooks import apply_webhooks, check_addresses, export_webhooks
from webapp.core.errors import Invalid, Stale
from webapp.core.permissions import Actor, Permission
from webapp.db.transactions import advisory_lock, transaction

EXPORTS: Mapping[Section, Callable[[], Any]] = {
    Section.ORGANISATION: export_organisation,
    Section.MAIL: export_mail,
    Section.ATTRIBUTES: export_attributes,
    Section.ROLES: export_roles,
    Section.GROUPS: export_groups,
    Section.SCHEDULES: export_schedules,
    Section.WEBHOOKS: export_webhooks,
}
APPLY: Mapping[Section, Callable[[ConfigFile, Plan, Actor], None]] = {
    Section.ORGANISATION: apply_organisation,
    Section.MAIL: apply_mail,
    Section.ATTRIBUTES: apply_attributes,
    Section.ROLES: apply_roles,
    Section.GROUPS: apply_groups,
    Section.SCHEDULES: apply_schedules,
    Section.WEBHOOKS: apply_webhooks,
}


@dataclass(frozen=True)
class Applied:
    """What was, or would be, changed. `batch_id` is None if nothing was."""

    entries: list[Entry]
    counts: Mapping[str, int]
    plan_hash: str
    batch_id: UUID | None


class _RollBack(Exception):
    """Ends a dry run."""


def apply_config(
    config: ConfigFile, *, by: Actor, lines: Lines, name: str = "", dry_run: bool = False, plan_hash: str = ""
) -> Applied:
    """Apply a whole file, or nothing. A dry run does the same and rolls it back.

    Raise Invalid with the problems of all items, Forbidden, or Stale if `plan_hash` is given and the plan is another.
    """
    plan, batch_id = Plan(lines), None
    check_addresses(config, plan)
    with suppress(_RollBack), transaction(), grouped_changes() as group:
        check_everywhere(by, Permission.SETTINGS_MANAGE)
        advisory_lock("config file")
        for apply_section in APPLY.values():
            apply_section(config, plan, by)
        if plan.problems:
            raise Invalid("The file cannot be applied. Nothing was changed.", plan.problems)
        if plan_hash and plan.hash != plan_hash:
            raise Stale(f"The plan is now {plan.hash}, not {plan_hash}. Nothing was changed. Run it with --dry-run.")
        if dry_run:
            raise _RollBack
        if plan.changed:
            batch_id = group.batch_id
            done = {outcome: number for outcome, number in plan.counts.items() if outcome != Outcome.UNCHANGED}
            record_file(Action.CONFIG_APPLIED, batch_id, name, done, by=by)
    return Applied(plan.entries, plan.counts, plan.hash, batch_id)


def export_config() -> dict[str, Any]:
    """Return the whole configuration in the format of a file. Secrets and built-in roles are not in it."""
    return {"version": FORMAT_VERSION} | {section.value: export() for section, export in EXPORTS.items()}


def record_file(action: Action, batch_id: UUID, name: str, counts: Mapping[str, int], *, by: Actor) -> None:
    """Write the record that stands for the whole file. Its subject has the ID of the batch."""
    changes = {f"config_{what}": (None, str(number)) for what, number in counts.items() if number}
    record(action, subject=SubjectId(batch_id), by=by, kind="config_file", label=name, changes=changes)
