"""The pages of roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.access.queries import (
    get_role,
    grant_counts,
    list_roles,
)
from webapp.audit.flashes import flash_done
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.roles.catalogue import description_of, differing_permissions, template_context
from webapp.roles.forms import EditRoleForm, RoleForm
from webapp.roles.queries import HOLDERS_BY_NAME, groups_with_role, role_holders
from webapp.roles.services import create_role, delete_role, restore_role, update_role
from webapp.web.forms import Form, catch_invalid, uuid_or_nil
from webapp.web.guards import actor, can, reach, requires
from webapp.web.paging import parse_query_parameters

roles_pages = Blueprint("roles", __name__)
roles_pages.context_processor(template_context)


@roles_pages.get("/roles")
@requires(Permission.ROLES_GRANT)
def index() -> ResponseReturnValue:
    """All roles side by side, or those that `compare` names."""
    roles = list_roles()
    kept = set(request.args.getlist("compare"))
    compared = [role for role in roles if str(role.id) in kept]
    return render_template(
        "roles/index.html",
        roles=roles,
        compared=compared,
        shown=compared or roles,
        differing=differing_permissions(compared),
        counts=grant_counts(),
    )


@roles_pages.get("/roles/new")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def new() -> ResponseReturnValue:
    """An empty form, or one that begins as the role that `from` names."""
    if not (origin := request.args.get("from")):
        return render_template("roles/new.html", form=RoleForm())
    role = get_role(uuid_or_nil(origin))
    form = RoleForm(data={"description": description_of(role), "permissions": sorted(role.allows)})
    return render_template("roles/new.html", form=form, origin=role)


@roles_pages.post("/roles")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def create() -> ResponseReturnValue:
    form = RoleForm()
    if form.validate():
        try:
            role = create_role(**_values(form), by=actor())
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("The role %(name)s was made. Nobody has it yet.", name=role.name))
            return redirect(_after("roles.show", role_id=role.id), 303)
    return render_template("roles/new.html", form=form), 422


@roles_pages.get("/roles/<uuid:role_id>")
@requires(Permission.ROLES_GRANT)
def show(role_id: UUID) -> ResponseReturnValue:
    """What the role allows, what somebody with it sees, and who has it."""
    role = get_role(role_id)
    seen = reach(Permission.USERS_READ)
    page = paginate(role_holders(role_id, reach=seen), HOLDERS_BY_NAME, parse_query_parameters(PageQuery).window)
    return render_template("roles/show.html", role=role, page=page, groups=groups_with_role(role_id, reach=seen))


@roles_pages.get("/roles/<uuid:role_id>/edit")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def edit(role_id: UUID) -> ResponseReturnValue:
    role = get_role(role_id)
    return render_template("roles/edit.html", role=role, form=EditRoleForm(obj=role), counts=grant_counts())


@roles_pages.post("/roles/<uuid:role_id>")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def update(role_id: UUID) -> ResponseReturnValue:
    form = EditRoleForm()
    if form.validate():
        try:
            role = update_role(role_id, **_values(form), by=actor())
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Your changes to %(name)s were saved.", name=role.name))
            return redirect(_after("roles.show", role_id=role_id), 303)
    return render_template("roles/edit.html", role=get_role(role_id), form=form, counts=grant_counts()), 422


@roles_pages.get("/roles/<uuid:role_id>/deletion")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def confirm_deletion(role_id: UUID) -> ResponseReturnValue:
    return _deletion(role_id, Form())


@roles_pages.post("/roles/<uuid:role_id>/deletion")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def delete(role_id: UUID) -> ResponseReturnValue:
    form = Form()
    role = catch_invalid(form, lambda: delete_role(role_id, by=actor()))
    if role is None:
        return _deletion(role_id, form), 422
    flash_done(_("The role %(name)s was deleted. It allows nothing any more.", name=role.name))
    return redirect(_after("roles.index"), 303)


@roles_pages.post("/roles/<uuid:role_id>/restoration")
@requires(Permission.ROLES_MANAGE, everywhere=True)
def restore(role_id: UUID) -> ResponseReturnValue:
    role = restore_role(role_id, by=actor())
    flash_done(_("The role %(name)s is back.", name=role.name))
    return redirect(_after("roles.show", role_id=role_id), 303)


def _deletion(role_id: UUID, form: Form) -> str:
    people, groups = grant_counts().get(role_id, (0, 0))
    return render_template("roles/delete.html", role=get_role(role_id), people=people, groups=groups, form=form)


def _after(endpoint: str, **values: Any) -> str:
    """The page that follows a change; who may make roles may not see them, unless they may also give them."""
    return url_for(endpoint, **values) if can(Permission.ROLES_GRANT) else url_for("account.show")


def _values(form: RoleForm) -> dict[str, Any]:
    values = form.values
    return values | {"description": values["description"] or "", "permissions": values["permissions"] or []}
