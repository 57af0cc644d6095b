"""The person before and the person after one in a list of users, for the page of this person."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import request, url_for
from pydantic import ValidationError
from sqlalchemy import select

from webapp.attributes.models import PARAMETER_PREFIX
from webapp.core.errors import Refused
from webapp.db.session import db
from webapp.directory.listing import list_source
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.lists.order import Cursor, Slice
from webapp.users.models import ListedUser, User

LIST_MAX = 2000
PARAMETERS_MAX = 50
_NAMES = frozenset(UserListQuery.model_fields) - {"at", "count"} | {"view"}


@dataclass(frozen=True)
class ListPosition:
    """Where a person stands in a list. `parameters` are those of the list, as a query string."""

    parameters: str
    previous: ListedUser | None
    next: ListedUser | None

    @property
    def url(self) -> str:
        return f"{url_for('directory.index')}?{self.parameters}"


def list_position(user: User) -> ListPosition | None:
    """Return the position in the list that the viewer came from, or None if they came from none.

    The parameter `list` names the list. On the first page after the list, the browser's `Referer` does.
    """
    parameters = _known_parameters(request.args.get("list") or _parameters_of_referrer())
    if not parameters:
        return None
    try:
        query = UserListQuery.model_validate(parameters)
        before, after = neighbours(user, query, current_viewer())
    except (ValidationError, Refused):
        return None
    return ListPosition(urlencode(parameters), before, after)


def neighbours(user: User, query: UserListQuery, viewer: Viewer) -> tuple[ListedUser | None, ListedUser | None]:
    """Return the people before and after `user`, who need not be in the list any more. Raise Refused."""
    _search, parsed, rows = list_source(query, viewer)
    key, rank = db.session.execute(select(parsed.order.column, parsed.rank).where(User.id == user.id)).one()
    here = Cursor(min(rank, rows.last_rank), key, user.id)
    found = [rows.fetch(Slice(1, here, backwards=backwards), exact=False)[0] for backwards in (True, False)]
    before, after = (part[0][0] if part else None for part in found)
    return before, after


def _known_parameters(text: str) -> dict[str, str]:
    """Return the parameters of a list. Others are left out, so that the link back never holds anything else."""
    if len(text) > LIST_MAX:
        return {}
    try:
        pairs = parse_qsl(text, max_num_fields=PARAMETERS_MAX)
    except ValueError:
        return {}
    return {name: value for name, value in pairs if name in _NAMES or name.startswith(PARAMETER_PREFIX)}


def _parameters_of_referrer() -> str:
    # web/middleware.py refuses malformed addresses.
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host or referrer.path != url_for("directory.index"):
        return ""
    return referrer.query or "sort=name"
