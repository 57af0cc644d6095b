"""The viewer of the current request."""

from __future__ import annotations

from webapp.attributes.display import viewer_attributes
from webapp.core.permissions import Permission
from webapp.directory.viewer import Viewer
from webapp.web.guards import reach


def current_viewer() -> Viewer:
    return Viewer(reach(Permission.USERS_READ), viewer_attributes)
