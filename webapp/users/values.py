"""Check the attribute values of a user, set them, and describe them for the audit record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.attributes.models import FIELD_PREFIX, Attribute
from webapp.attributes.validation import ValidatedValues, validate_values
from webapp.attributes.values import FindPerson, sort_values
from webapp.audit.services import Changes
from webapp.core.permissions import Actor, Permission, Powers
from webapp.users.models import User
from webapp.users.queries import get_user_by_identifier


def check_attribute_values(
    values: Mapping[str, Any],
    *,
    before: Mapping[str, Any],
    by: Actor,
    own: bool = False,
    locked: bool = False,
    form_attributes: Sequence[Attribute] | None = None,
    powers: Powers | None = None,
) -> ValidatedValues:
    """Return the valid values (see `validate_values`). Values can name only people that `by` can see. Raise Invalid."""
    return validate_values(
        values,
        before=before,
        by=by,
        find_person=_find_visible(by),
        own=own,
        locked=locked,
        form_attributes=form_attributes,
        powers=powers,
    )


def set_attribute_values(user: User, checked: ValidatedValues) -> Changes:
    """Set the values of a locked user without flushing. Return the differences for the audit record."""
    if not checked.changed:
        return {}
    user.attributes, user.attributes_sort = checked.values, sort_values(checked.values)
    return {
        FIELD_PREFIX + name: (audit_text(before), audit_text(after))
        for name, (before, after) in sorted(checked.changed.items())
    }


def audit_text(value: Any) -> str | None:
    """Return the value as the audit record stores it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def _find_visible(by: Actor) -> FindPerson:
    def find(name: str) -> UUID:
        return get_user_by_identifier(name, reach=powers_of_actor(by).reach(Permission.USERS_READ)).id

    return find
