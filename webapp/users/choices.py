"""The groups and roles that the form for new users offers."""

from __future__ import annotations

from typing import cast

from flask_login import current_user
from wtforms import SelectChoice

from webapp.access.models import role_label
from webapp.access.queries import grantable_roles, group_choices
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.users.forms import InvitePeopleForm, NewUserForm
from webapp.web.guards import Caller


def offer_access(form: NewUserForm | InvitePeopleForm) -> None:
    """Offer the groups that the viewer can create people in, and the roles that they can give."""
    powers = cast(Caller, current_user).powers
    reach = powers.reach(Permission.USERS_CREATE)
    visible = powers.reach(Permission.USERS_READ) if reach is None else reach
    form.groups.choices = [SelectChoice(str(group.id), group.name) for group in group_choices(visible)]
    # If the viewer can create people in one group only, the service adds new people to it.
    form.groups.flags.required = reach is not None and len(reach) > 1
    roles = [SelectChoice(str(role.id), role_label(role.name)) for role in grantable_roles(powers)]
    takes_several = isinstance(form, InvitePeopleForm)
    form.roles.choices = roles if takes_several or not roles else [SelectChoice("", _("None")), *roles]
