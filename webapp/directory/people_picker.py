"""Finds people by a text, for the people picker and for forms whose text may name a person."""

from __future__ import annotations

from webapp.core.errors import NotFound
from webapp.core.permissions import Permission
from webapp.core.text import clean_search, fold_text
from webapp.directory.listing import suggest_users
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery
from webapp.directory.suggestions import list_or_suggest
from webapp.directory.viewer import Viewer
from webapp.lists.schemas import SEARCH_MAX
from webapp.users.models import ListedUser
from webapp.users.queries import get_user_by_identifier, parse_uuid
from webapp.web.guards import reach
from webapp.web.people import Found

PEOPLE_MAX = 10


def search_people(text: str, viewer: Viewer) -> list[ListedUser]:
    """Return the first people that match a search of the list. If there are none, return people of similar searches."""
    if not text or len(text) > SEARCH_MAX:
        return []
    found = list_or_suggest(UserListQuery(q=text, limit=PEOPLE_MAX), viewer)
    return list(found.items) or suggest_users(found.search, viewer)


def find_people(text: str) -> Found:
    """Return the person with this e-mail address, username, ID or full name, if the viewer can see them.

    A part of a name is never enough, even if it matches only one person: the form may give access.
    """
    try:
        return Found(get_user_by_identifier(text, reach=reach(Permission.USERS_READ)))
    except NotFound:
        pass
    if parse_uuid(text):
        return Found()
    words = clean_search(text)
    people = search_people(words, current_viewer())
    namesakes = [user for user in people if fold_text(user.name) == fold_text(words)]
    return Found(namesakes[0]) if len(namesakes) == 1 else Found(candidates=people)
