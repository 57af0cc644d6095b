"""The display settings of the list of users. They are part of the user's row, so reading them needs no statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webapp.core.errors import Invalid, Problem
from webapp.core.texts import _
from webapp.lists.page import LIMIT_DEFAULT
from webapp.users.models import User

# The name is always shown. The columns of attributes are called `attr.<key>` and come after these.
COLUMN_LABELS = {
    "status": _("Status"),
    "roles": _("Roles"),
    "groups": _("Groups"),
    "username": _("Username"),
    "last_sign_in": _("Last sign-in"),
    "created": _("Created"),
    "invitation": _("Invitation"),
}
# The columns of people who have not chosen. Few people wait for an answer to an invitation.
COLUMNS = tuple(name for name in COLUMN_LABELS if name != "invitation")
DENSITY_LABELS = {"comfortable": _("Comfortable"), "compact": _("Compact")}
DENSITIES = tuple(DENSITY_LABELS)
SIZES = (25, 50, 100, 200)


@dataclass(frozen=True)
class Display:
    """The columns in their order, the row height, the rows per page, and the start view."""

    columns: tuple[str, ...] = COLUMNS
    density: str = DENSITIES[0]
    limit: int = LIMIT_DEFAULT
    view: UUID | None = None

    @classmethod
    def of(cls, user: User) -> Display:
        settings = dict(user.list_settings)
        settings["columns"] = tuple(settings.get("columns", COLUMNS))
        settings["view"] = UUID(settings["view"]) if settings.get("view") else None
        return cls(**settings)

    @property
    def has_attributes(self) -> bool:
        """Whether some columns are attributes."""
        return not set(self.columns) <= set(COLUMN_LABELS)

    @property
    def settings(self) -> dict[str, Any]:
        """The value of `User.list_settings`."""
        view = {"view": str(self.view)} if self.view else {}
        return {"columns": list(self.columns), "density": self.density, "limit": self.limit} | view


def check_display(
    *, columns: Collection[str], density: str, limit: int, offered: Collection[str] = tuple(COLUMN_LABELS)
) -> None:
    """Raise Invalid with each field whose value is not among the options."""
    is_wrong = {
        "columns": not set(columns) <= set(offered),
        "density": density not in DENSITIES,
        "limit": limit not in SIZES,
    }
    if problems := [
        Problem(name, "unknown", _("Choose one of the options")) for name, wrong in is_wrong.items() if wrong
    ]:
        raise Invalid(_("Choose one of the options"), problems)
