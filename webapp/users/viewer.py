"""What the viewer of a page or the caller of the API may see of people."""

from __future__ import annotations

from uuid import UUID

from webapp.core.permissions import Permission
from webapp.users.models import User
from webapp.users.queries import get_user
from webapp.web.guards import reach


def get_visible_user(user_id: UUID) -> User:
    """Return the person, also from the bin. Raise NotFound for people whom the viewer may not see."""
    return get_user(user_id, reach=reach(Permission.USERS_READ))
