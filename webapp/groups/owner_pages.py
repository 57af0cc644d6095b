"""Gives and removes the role Group owner within one group, by the form on the page of the group."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.access.models import GROUP_OWNER
from webapp.access.services import end_grant, grant_role
from webapp.audit.flashes import flash_done, flash_outcome
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.forms import MemberForm, OwnerForm
from webapp.groups.group_page import render_group, visible_group
from webapp.groups.queries import get_grant_within
from webapp.users.queries import get_user_by_identifier
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import created_once

group_owners_pages = Blueprint("group_owners", __name__, url_prefix="/groups/<uuid:group_id>/owners")


@group_owners_pages.post("")
@requires(Permission.ROLES_GRANT, sudo=True)
def add(group_id: UUID) -> ResponseReturnValue:
    group, form = visible_group(group_id), OwnerForm()
    if form.validate():
        try:
            user = get_user_by_identifier(form.owner.data or "", reach=reach(Permission.USERS_READ))
            created_once(form, lambda: grant_role(GROUP_OWNER, user_id=user.id, scope_id=group_id, by=actor()).id)
        except Refused as error:
            form.add_error(error, default_field="owner")
        else:
            flash_done(_("%(name)s is an owner of the group now", name=user.name))
            return redirect(url_for("groups.show", group_id=group.id), 303)
    return render_group(visible_group(group_id), MemberForm(), form), 422


@group_owners_pages.post("/<uuid:grant_id>/end")
@requires(Permission.ROLES_GRANT, sudo=True)
def end(group_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """End a grant within the group, of any role."""
    grant = get_grant_within(grant_id, scope_id=visible_group(group_id).id)
    flash_outcome(lambda: end_grant(grant.id, by=actor()), _("The role was removed"))
    return redirect(url_for("groups.show", group_id=group_id), 303)
