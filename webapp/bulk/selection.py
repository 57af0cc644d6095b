"""Selecting people in the list of users: the actions it offers, and the people that its form selects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from webapp.bulk.actions import ACTIONS, BIN_ACTIONS, RESTORE, BulkAction
from webapp.bulk.models import VIEW_MAX
from webapp.bulk.queries import people_with_ids
from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.directory.listing import matching_users
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery
from webapp.users.models import Status
from webapp.web.guards import can, reach


def offered_actions(status: str | None) -> list[BulkAction]:
    """Return the viewer's actions for a list filtered by `status`. A list without a status has no deleted people."""
    if status == Status.DELETED:
        names: Iterable[str] = BIN_ACTIONS
    else:
        names = (name for name in ACTIONS if name != RESTORE)
    return [ACTIONS[name] for name in names if can(ACTIONS[name].permission)]


@dataclass(frozen=True)
class Selection:
    """The selected people: `count` of them by checkboxes, or all that match `view`."""

    people: Select[Any]
    count: int = 0
    view: str | None = None


def read_selection(form: MultiDict[str, str], view: str) -> Selection:
    """Return the people that the list's form selects.

    Raise Invalid if parts of the search were ignored, because then it matches other people than intended. Raise Refused
    if the form is damaged.
    """
    if form.get("all"):
        matches = matching_users(_parse_view(view), current_viewer())
        if matches.messages:
            raise Invalid(matches.messages[0])
        return Selection(matches.query, view=view)
    ids = _parse_ids(form.getlist("ids"))
    return Selection(people_with_ids(ids, reach=reach(Permission.USERS_READ)), count=len(ids))


def clean_view(text: str) -> str:
    """Return the list's parameters, encoded so that they are safe in an address."""
    return urlencode(parse_qsl(text[:VIEW_MAX], keep_blank_values=True))


def _parse_view(view: str) -> UserListQuery:
    try:
        return UserListQuery.model_validate(dict(parse_qsl(view, keep_blank_values=True)))
    except (ValidationError, ValueError):
        raise _incomplete("view") from None


def _parse_ids(texts: list[str]) -> set[UUID]:
    try:
        return {UUID(text) for text in texts}
    except ValueError:
        raise _incomplete("ids") from None


def _incomplete(field: str) -> Refused:
    return Refused(_("The selection is incomplete. Go back and select people again."), field=field)
