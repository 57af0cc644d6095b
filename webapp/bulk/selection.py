"""Selecting people in the list of users: the actions it offers, and the people that its form selects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import request, url_for
from flask_login import current_user
from pydantic import ValidationError
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from webapp.bulk.actions import ACTIONS, BIN_ACTIONS, RESTORE, BulkAction
from webapp.bulk.models import VIEW_MAX, BulkChange
from webapp.bulk.queries import get_change, people_with_ids, selected_ids
from webapp.core.errors import Invalid, NotFound, Refused
from webapp.core.formats import format_number
from webapp.core.permissions import Permission, Reach
from webapp.core.texts import _
from webapp.directory.listing import matching_users
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.users.models import ListedUser, Status
from webapp.web.api_requests import check_names
from webapp.web.guards import can, reach
from webapp.web.templating import SELECTION

# People that can be selected by checkboxes, on all pages together. All who match can be more.
SELECTED_MAX = 1000


def offered_actions(status: str | None) -> Iterator[BulkAction]:
    """Yield the viewer's actions for a list filtered by `status`. A list without a status has no deleted people."""
    names = BIN_ACTIONS if status == Status.DELETED else [name for name in ACTIONS if name != RESTORE]
    return (ACTIONS[name] for name in names if can(ACTIONS[name].permission))


def offers_actions(status: str | None) -> bool:
    return any(offered_actions(status))


@dataclass(frozen=True)
class Selection:
    """The selected people: `count` of them by checkboxes, or all that match `view`."""

    people: Select[Any]
    count: int = 0
    view: str | None = None


def read_selection(form: MultiDict[str, str], view: str) -> Selection:
    """Return the people that the list's form selects.

    Raise Invalid if parts of the search were ignored, because then it matches other people than intended, and for more
    than SELECTED_MAX people. Raise Refused if the form is damaged.
    """
    if form.get("all"):
        return select_matches(view, current_viewer())
    return select_people(_parse_ids(form.getlist("ids")), reach=reach(Permission.USERS_READ))


def select_matches(view: str, viewer: Viewer) -> Selection:
    """Return all people who match these parameters of the list. Raise as `read_selection`."""
    matches = matching_users(_parse_view(view), viewer)
    if matches.messages:
        raise Invalid(matches.messages[0])
    return Selection(matches.query, view=view)


def select_filtered(filter_: str, viewer: Viewer) -> Selection:
    """Return all people who match a filter that a program wrote. Raise as `select_matches`, and Refused as the API.

    A misspelled parameter must not select everyone.
    """
    view = clean_view(filter_)
    check_names(MultiDict(parse_qsl(view, keep_blank_values=True)), UserListQuery)
    return select_matches(view, viewer)


def select_people(ids: set[UUID], *, reach: Reach) -> Selection:
    """Return the people with these IDs within `reach`. Raise Invalid for too many."""
    if len(ids) > SELECTED_MAX:
        raise Invalid(
            _(
                "You can select at most %(count)s people one by one. To change more, select all that match.",
                count=format_number(SELECTED_MAX),
            )
        )
    return Selection(people_with_ids(ids, reach=reach), count=len(ids))


def clean_view(text: str) -> str:
    """Return the list's parameters, encoded so that they are safe in an address.

    Raise Invalid if there are too many: a part of them would match other people.
    """
    parameters = parse_qsl(text, keep_blank_values=True)
    view = urlencode([(name, value) for name, value in parameters if name != SELECTION])
    if len(text) > VIEW_MAX or len(view) > VIEW_MAX:
        raise Invalid(_("Use at most %(max)s characters", max=VIEW_MAX), field="view", code="length")
    return view


@dataclass(frozen=True)
class ReturnedSelection:
    """The IDs of people that the list shows as selected, or `all` matches."""

    ids: Sequence[str] = ()
    all: bool = False

    def ids_beside(self, users: Sequence[ListedUser]) -> list[str]:
        """Return the ids of the selected people who are not among these."""
        shown = {str(user.id) for user in users} if self.ids else set()
        return [user_id for user_id in self.ids if user_id not in shown]


def list_address(bulk: BulkChange, *, with_selection: bool) -> str:
    """Return the address of the list in which the people were selected.

    `with_selection`: they are selected there again, unless the change is being applied or was applied.
    """
    view = bulk.view if bulk.list_view is None else bulk.list_view
    selection = urlencode({SELECTION: bulk.id}) if with_selection and bulk.can_be_selected_again else ""
    query = "&".join(filter(None, (view, selection)))
    return url_for("directory.index") + (f"?{query}" if query else "")


def returned_selection() -> ReturnedSelection:
    """Return the people of the viewer's bulk change that the address of the list names, or no one."""
    try:
        bulk = get_change(UUID(request.args.get(SELECTION, "")), requested_by_id=current_user.id)
    except (ValueError, NotFound):
        return ReturnedSelection()
    if not bulk.can_be_selected_again:
        return ReturnedSelection()
    if bulk.view is not None:
        return ReturnedSelection(all=True)
    return ReturnedSelection([str(user_id) for user_id in selected_ids(bulk.id, reach=reach(Permission.USERS_READ))])


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
