"""Groups, members, roles and grants of an example organisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from webapp.access.models import ADMINISTRATOR, AUDITOR, GROUP_OWNER, HELPDESK
from webapp.access.services import add_member, grant_role
from webapp.core.clock import now
from webapp.core.permissions import Actor, Permission
from webapp.groups.services import create_group
from webapp.roles.services import create_role

# Name, description and parent.
GROUPS = (
    ("Northwind", "Everyone who works here.", None),
    ("Engineering", "Builds and runs what customers use.", "Northwind"),
    ("Platform", "The ground that the other teams stand on.", "Engineering"),
    ("Mobile apps", "", "Engineering"),
    ("Sales", "Finds customers, and keeps them.", "Northwind"),
    ("Бухгалтерия", "Зарплата, счета и отчётность.", "Northwind"),
    ("Кадры", "Приём, переводы и увольнения.", "Northwind"),
    ("Night shift", "On call from eight in the evening to eight in the morning.", None),
)
OWN_ROLES = (
    (
        "Office manager",
        "Welcomes new colleagues and shows them around.",
        (Permission.USERS_READ, Permission.USERS_CREATE, Permission.USERS_EDIT, Permission.GROUPS_MANAGE),
    ),
    ("Payroll", "", (Permission.USERS_READ, Permission.USERS_EXPORT)),
)


def create_organisation(people: Sequence[UUID], example_id: UUID, *, by: Actor) -> dict[str, UUID]:
    """Create the organisation, with access of every kind for one user. Return the IDs of examples by name."""
    groups: dict[str | None, UUID] = {}
    for name, description, parent in GROUPS:
        groups[name] = create_group(name=name, description=description, parent_id=groups.get(parent), by=by).id
    own = [
        create_role(name=name, description=about, permissions=permissions, by=by)
        for name, about, permissions in OWN_ROLES
    ]
    inner = [group for name, group in groups.items() if name not in {"Northwind", "Night shift"}]
    for number, user_id in enumerate(people):
        if user_id != example_id and number % 7:
            add_member(inner[number % len(inner)], user_id, by=by)
    _grant_roles(people, groups, own[0].id, by=by)
    _grant_every_kind(example_id, groups, by=by)
    return {"group": groups["Engineering"], "team": groups["Platform"], "empty": groups["Night shift"],
            "role": own[0].id, "unused": own[1].id, "helpdesk": HELPDESK}  # fmt: skip


def _grant_roles(people: Sequence[UUID], groups: dict[str | None, UUID], own: UUID, *, by: Actor) -> None:
    grant_role(ADMINISTRATOR, user_id=people[8], by=by)
    grant_role(AUDITOR, user_id=people[10], by=by)
    grant_role(HELPDESK, user_id=people[12], scope_id=groups["Northwind"], by=by)
    grant_role(GROUP_OWNER, user_id=people[15], scope_id=groups["Engineering"], by=by)
    grant_role(own, user_id=people[16], by=by)
    grant_role(own, group_id=groups["Кадры"], by=by)
    grant_role(HELPDESK, group_id=groups["Platform"], scope_id=groups["Engineering"], by=by)


def _grant_every_kind(example_id: UUID, groups: dict[str | None, UUID], *, by: Actor) -> None:
    moment = now()
    add_member(groups["Platform"], example_id, by=by)
    add_member(groups["Engineering"], example_id, by=by, ends_at=moment + timedelta(days=40))
    add_member(groups["Night shift"], example_id, by=by, starts_at=moment + timedelta(days=6))
    grant_role(AUDITOR, user_id=example_id, by=by, ends_at=moment + timedelta(days=30))
    grant_role(HELPDESK, user_id=example_id, scope_id=groups["Sales"], by=by, starts_at=moment + timedelta(days=3))
