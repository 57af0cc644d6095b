"""The saved view that the list shows, the addresses of views, and their numbers of people."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from flask import request, url_for
from flask_login import current_user
from pydantic import ValidationError

from webapp.core.errors import Refused
from webapp.directory.listing import matching_users
from webapp.directory.requests import current_viewer
from webapp.directory.views.addresses import EVERYONE, canonical_address, query_of
from webapp.directory.views.forms import AddressForm
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import find_view
from webapp.lists.count import Count, counted


class ShownView(NamedTuple):
    """The canonical address of the list, and the saved view that the request names, if any."""

    address: str
    view: SavedView | None

    @property
    def changed(self) -> bool:
        return self.view is not None and self.view.address != self.address

    @property
    def opened_with(self) -> str:
        """Return the hidden field of the form that replaces the saved address by this one. See `VersionedForm`."""
        return str(AddressForm(None, obj=self.view).opened_with.data)

    @property
    def worth_saving(self) -> bool:
        return self.view is None and self.address != EVERYONE


def shown_view() -> ShownView:
    """Return the view of this request, for templates of the list."""
    try:
        view = find_view(UUID(request.args.get("view", "")), user_id=current_user.id)
    except ValueError:
        view = None
    return ShownView(canonical_address(request.args), view)


def view_url(view: SavedView) -> str:
    """Return the address of the list with the filters of the view."""
    return f"{url_for('directory.index')}?{view.address}&view={view.id}"


def count_people(view: SavedView) -> Count | None:
    """Count the people of the view that the viewer can see. Return None if the list no longer accepts its address."""
    try:
        return counted(matching_users(query_of(view.address), current_viewer()).query)
    except (Refused, ValidationError):
        return None
