"""Decides which attributes a person with given powers can see and edit."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.attributes.models import Attribute, Editable, Visible
from webapp.core.permissions import Permission, Powers


def visible_attributes(attributes: Sequence[Attribute], powers: Powers, *, own: bool = False) -> list[Attribute]:
    """Return the attributes that a person with `powers` can see: of other people, or of themselves (`own`)."""
    return [
        attribute
        for attribute in attributes
        if _administers(powers)
        or (attribute.visible_to == Visible.STAFF and (own or powers.can(Permission.USERS_READ)))
    ]


def can_edit_attribute(attribute: Attribute, powers: Powers, *, own: bool = False) -> bool:
    """Whether a person with `powers` can edit it: of other people, or on their own account page (`own`)."""
    if own:
        return attribute.editable_by == Editable.THEMSELVES
    if attribute.editable_by == Editable.ADMINISTRATORS:
        return _administers(powers)
    return powers.can(Permission.USERS_EDIT) or powers.can(Permission.USERS_CREATE)


def _administers(powers: Powers) -> bool:
    return Permission.SETTINGS_MANAGE in powers.everywhere
