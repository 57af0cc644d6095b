"""The options of the forms of grants and memberships: the roles, scopes and groups that the viewer can give."""

from __future__ import annotations

from wtforms import SelectChoice

from webapp.access.models import role_label
from webapp.access.queries import group_choices, list_roles
from webapp.core.permissions import Permission, Reach
from webapp.core.texts import _
from webapp.roles.forms import GrantForm, MembershipForm
from webapp.web.guards import reach


def set_role_choices(form: GrantForm) -> None:
    """Offer all roles, and the scopes in which the viewer can grant them."""
    granted = reach(Permission.ROLES_GRANT)
    form.role.choices = [
        SelectChoice("", _("Choose a role")),
        *(SelectChoice(str(role.id), role_label(role.name)) for role in list_roles()),
    ]
    everywhere = [SelectChoice("", _("Everywhere"))] if granted is None else []
    form.within.choices = everywhere + _groups(granted)


def set_group_choices(form: MembershipForm) -> None:
    """Offer the groups whose members the viewer can change."""
    form.group.choices = [SelectChoice("", _("Choose a group")), *_groups(reach(Permission.GROUPS_MANAGE))]


def _groups(within: Reach) -> list[SelectChoice]:
    return [SelectChoice(str(group.id), group.name) for group in group_choices(within)]
