"""Pages that grant roles to a group. All its members have these roles."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.access.models import Group
from webapp.access.services import end_grant, grant_role
from webapp.audit.flashes import flash_done, flash_outcome
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.queries import get_visible_group
from webapp.lists.count import counted
from webapp.roles.choices import set_role_choices
from webapp.roles.forms import GrantForm
from webapp.roles.queries import get_grant
from webapp.users.queries import users_in_groups
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import created_once

group_roles_pages = Blueprint("group_roles", __name__, url_prefix="/groups/<uuid:group_id>/roles")


@group_roles_pages.get("/new")
@requires(Permission.ROLES_GRANT, sudo=True)
def new(group_id: UUID) -> ResponseReturnValue:
    return _page(_get_group(group_id), GrantForm())


@group_roles_pages.post("")
@requires(Permission.ROLES_GRANT, sudo=True)
def create(group_id: UUID) -> ResponseReturnValue:
    group, form = _get_group(group_id), GrantForm()
    if form.validate():
        try:
            created_once(form, lambda: grant_role(**form.grant, group_id=group_id, by=actor()).id)
        except Refused as error:
            form.add_error(error, default_field="role")
        else:
            flash_done(_("Everyone in %(name)s has the role now", name=group.name))
            return redirect(url_for("groups.show", group_id=group_id), 303)
    return _page(_get_group(group_id), form), 422


@group_roles_pages.post("/<uuid:grant_id>/end")
@requires(Permission.ROLES_GRANT, sudo=True)
def end(group_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    grant = get_grant(grant_id, group_id=group_id)
    flash_outcome(lambda: end_grant(grant.id, by=actor()), _("The role was removed"))
    return redirect(url_for("groups.show", group_id=group_id), 303)


def _get_group(group_id: UUID) -> Group:
    return get_visible_group(group_id, reach=reach(Permission.USERS_READ))


def _page(group: Group, form: GrantForm) -> str:
    set_role_choices(form)
    return render_template(
        "roles/grant_to_group.html", group=group, form=form, members=counted(users_in_groups([group.id]))
    )
