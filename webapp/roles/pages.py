"""The pages of roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.access.models import Role
from webapp.access.queries import get_role, grant_counts, list_roles
from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.invitations.queries import with_open_invitation
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.roles.comparison import compare_roles
from webapp.roles.forms import EditRoleForm, NewRoleForm, RoleForm
from webapp.roles.permission_rows import permission_choices, permission_sections
from webapp.roles.queries import HOLDERS_BY_NAME, groups_with_role, role_holders, scopes_of_holders
from webapp.roles.services import create_role, delete_role, restore_role, update_role
from webapp.users.models import Status
from webapp.web.forms import Form, catch_invalid, uuid_or_nil
from webapp.web.guards import actor, can, held_permissions, reach, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, conflict_page, save_merged
from webapp.web.paging import parse_query_parameters

roles_pages = Blueprint("roles", __name__)


@roles_pages.get("/roles")
@requires(Permission.ROLES_GRANT)
def index() -> ResponseReturnValue:
    """Show all roles side by side, or only those in the parameter `compare`."""
    comparison = compare_roles(list_roles(), selected_ids=request.args.getlist("compare"), counts=grant_counts())
    return render_template("roles/index.html", comparison=comparison)


@roles_pages.get("/roles/new")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def new() -> ResponseReturnValue:
    """Show an empty form, or a copy of the role in the parameter `from`."""
    if not (origin := request.args.get("from")):
        return _new_page(NewRoleForm())
    role = get_role(uuid_or_nil(origin))
    form = NewRoleForm(data={"description": role.shown_description, "permissions": sorted(role.allows)})
    return _new_page(form, origin=role)


@roles_pages.post("/roles")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def create() -> ResponseReturnValue:
    form = NewRoleForm()
    if form.validate():
        try:
            role_id = created_once(form, lambda: create_role(**_values(form), by=actor()).id)
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Role %(name)s created. No one has it yet.", name=get_role(role_id).name))
            return redirect(_next_page("roles.show", role_id=role_id), 303)
    return _new_page(form), 422


@roles_pages.get("/roles/<uuid:role_id>")
@requires(Permission.ROLES_GRANT)
def show(role_id: UUID) -> ResponseReturnValue:
    role = get_role(role_id)
    visible = reach(Permission.USERS_READ)
    page = paginate(role_holders(role_id, reach=visible), HOLDERS_BY_NAME, parse_query_parameters(PageQuery).window)
    return render_template(
        "roles/show.html",
        role=role,
        sections=permission_sections(role.allows),
        page=page,
        scopes=scopes_of_holders(role, [user.id for user in page.items]),
        invited=with_open_invitation([user.id for user in page.items if user.status == Status.INVITED]),
        groups=groups_with_role(role_id, reach=visible),
    )


@roles_pages.get("/roles/<uuid:role_id>/edit")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def edit(role_id: UUID) -> ResponseReturnValue:
    role = get_role(role_id)
    return _edit_page(role, EditRoleForm(None, obj=role))


@roles_pages.post("/roles/<uuid:role_id>")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def update(role_id: UUID) -> ResponseReturnValue:
    form = EditRoleForm()
    if form.validate():
        try:
            role = save_merged(
                form,
                lambda: update_role(role_id, **_values(form), by=actor()),
                saved=lambda: EditRoleForm(None, obj=get_role(role_id)),
            )
        except Conflict as conflict:
            return _conflict_page(get_role(role_id), form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=role.name))
            return redirect(_next_page("roles.show", role_id=role_id), 303)
    return _edit_page(get_role(role_id), form), 422


@roles_pages.get("/roles/<uuid:role_id>/deletion")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def confirm_deletion(role_id: UUID) -> ResponseReturnValue:
    return _deletion_page(role_id, Form())


@roles_pages.post("/roles/<uuid:role_id>/deletion")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def delete(role_id: UUID) -> ResponseReturnValue:
    form = Form()
    role = catch_invalid(form, lambda: delete_role(role_id, by=actor()))
    if role is None:
        return _deletion_page(role_id, form), 422
    flash_done(_("Role %(name)s deleted", name=role.name))
    return redirect(_next_page("roles.index"), 303)


@roles_pages.post("/roles/<uuid:role_id>/restoration")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def restore(role_id: UUID) -> ResponseReturnValue:
    role = restore_role(role_id, by=actor())
    flash_done(_("Role %(name)s restored", name=role.name))
    return redirect(_next_page("roles.show", role_id=role_id), 303)


def _new_page(form: RoleForm, *, origin: Role | None = None) -> str:
    return render_template("roles/new.html", form=form, sections=_choices(form), origin=origin)


def _edit_page(role: Role, form: EditRoleForm) -> str:
    people, groups = grant_counts().get(role.id, (0, 0))
    return render_template(
        "roles/edit.html",
        role=role,
        form=form,
        sections=_choices(form),
        people=people,
        groups=groups,
    )


def _conflict_page(role: Role, form: EditRoleForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=role.name,
        back=_next_page("roles.show", role_id=role.id),
        action=url_for("roles.update", role_id=role.id),
        audit_action=Action.ROLE_UPDATED,
        edit=last_edit_of(role.id, Action.ROLE_UPDATED),
    )


def _choices(form: RoleForm) -> Any:
    everywhere, _anywhere = held_permissions()
    return permission_choices(form.permissions.data or (), held=everywhere)


def _deletion_page(role_id: UUID, form: Form) -> str:
    people, groups = grant_counts().get(role_id, (0, 0))
    return render_template("roles/delete.html", role=get_role(role_id), people=people, groups=groups, form=form)


def _next_page(endpoint: str, **values: Any) -> str:
    """Return the account page for people who can manage roles but not see them."""
    return url_for(endpoint, **values) if can(Permission.ROLES_GRANT) else url_for("account.show")


def _values(form: RoleForm) -> dict[str, Any]:
    values = form.values
    return values | {"description": values["description"] or "", "permissions": values["permissions"] or []}
