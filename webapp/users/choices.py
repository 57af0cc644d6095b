"""Where somebody new can come to stand: the groups and roles that the person looking may give them."""

from __future__ import annotations

from typing import cast

from flask_login import current_user
from wtforms import SelectChoice

from webapp.access.models import role_label
from webapp.access.queries import grantable_roles, group_choices
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.users.forms import NewUserForm
from webapp.web.guards import Caller


def offer_access(form: NewUserForm) -> None:
    """Who creates within some groups only chooses among these, anybody else among all that they see."""
    powers = cast(Caller, current_user).powers
    creates = powers.reach(Permission.USERS_CREATE)
    seen = powers.reach(Permission.USERS_READ) if creates is None else creates
    form.groups.choices = [SelectChoice(str(group.id), group.name) for group in group_choices(seen)]
    # One group of their own is taken without a word.
    form.groups.flags.required = creates is not None and len(creates) > 1
    roles = [SelectChoice(str(role.id), role_label(role.name)) for role in grantable_roles(powers)]
    form.roles.choices = [SelectChoice("", _("None")), *roles] if roles else []
