"""What the viewer of a page or the caller of the API may see and do with notes."""

from __future__ import annotations

from uuid import UUID

from webapp.core.errors import Forbidden
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.notes.models import Note
from webapp.notes.services import is_author
from webapp.users.models import User
from webapp.users.queries import is_in_reach
from webapp.users.viewer import get_visible_user
from webapp.web.guards import actor, reach


def can_see_notes(user_id: UUID) -> bool:
    """Whether the viewer may change this person and is not this person. Services check again."""
    return user_id != actor().id and is_in_reach(user_id, reach(Permission.USERS_EDIT))


def get_subject(user_id: UUID) -> User:
    """Return the person whose notes the viewer wants to see. Raise NotFound or Forbidden."""
    user = get_visible_user(user_id)
    if not can_see_notes(user_id):
        raise Forbidden(_("You cannot see notes about this user"))
    return user


def can_edit_note(note: Note) -> bool:
    return is_author(note, actor())


def can_delete_notes(user_id: UUID) -> bool:
    """Whether the viewer may delete notes of others about this person."""
    return is_in_reach(user_id, reach(Permission.USERS_DELETE))
