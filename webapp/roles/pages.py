"""The pages of roles, and of what one person may do and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.access.models import RoleGrant
from webapp.access.queries import (
    get_role,
    grant_counts,
    grants_of,
    labels_of,
    listed_roles,
    memberships_of,
    powers_of,
)
from webapp.access.services import add_member, end_grant, end_membership, grant_role
from webapp.audit.flashes import flash_done
from webapp.core.access import PERMISSION_LABELS, Permission, actor, reach, requires
from webapp.core.errors import Refused
from webapp.core.forms import Form, attempt
from webapp.core.languages import _
from webapp.core.lists import query_from, show_page
from webapp.core.schemas import PageQuery
from webapp.groups.queries import names_of
from webapp.roles.catalogue import SECTIONS, SENTENCES, description_of, differing
from webapp.roles.choices import chosen, offer_groups, offer_roles
from webapp.roles.forms import EditRoleForm, GrantForm, JoinForm, RoleForm
from webapp.roles.queries import HOLDERS_BY_NAME, granted_through, holders
from webapp.roles.services import create_role, delete_role, restore_role, update_role
from webapp.users.models import User
from webapp.users.queries import get_user

roles_pages = Blueprint("roles", __name__)


@roles_pages.context_processor
def _words() -> dict[str, Any]:
    """The permissions in words, for every template of this room."""
    labels = {"permission_labels": PERMISSION_LABELS, "sentences": SENTENCES}
    return labels | {"sections": SECTIONS, "description_of": description_of}


@roles_pages.get("/roles")
@requires(Permission.ROLES_GRANT)
def index() -> ResponseReturnValue:
    """All roles side by side, or those that `compare` names."""
    roles = listed_roles()
    kept = set(request.args.getlist("compare"))
    compared = [role for role in roles if str(role.id) in kept]
    return render_template(
        "roles/index.html",
        roles=roles,
        compared=compared,
        shown=compared or roles,
        differing=differing(compared),
        counts=grant_counts(),
    )


@roles_pages.get("/roles/new")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def new() -> ResponseReturnValue:
    """An empty form, or one that begins as the role that `from` names."""
    if not (origin := request.args.get("from")):
        return render_template("roles/new.html", form=RoleForm())
    role = get_role(chosen(origin))
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
            form.refuse(error)
        else:
            flash_done(_("The role %(name)s was made. Nobody has it yet.", name=role.name))
            return redirect(url_for("roles.show", role_id=role.id), 303)
    return render_template("roles/new.html", form=form), 422


@roles_pages.get("/roles/<uuid:role_id>")
@requires(Permission.ROLES_GRANT)
def show(role_id: UUID) -> ResponseReturnValue:
    """What the role allows, what somebody with it sees, and who has it."""
    role = get_role(role_id)
    seen = reach(Permission.USERS_READ)
    page = show_page(holders(role_id, reach=seen), HOLDERS_BY_NAME, query_from(PageQuery).window)
    return render_template("roles/show.html", role=role, page=page, groups=granted_through(role_id, reach=seen))


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
            form.refuse(error)
        else:
            flash_done(_("Your changes to %(name)s were saved.", name=role.name))
            return redirect(url_for("roles.show", role_id=role_id), 303)
    return render_template("roles/edit.html", role=get_role(role_id), form=form, counts=grant_counts()), 422


@roles_pages.get("/roles/<uuid:role_id>/deletion")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def confirm_deletion(role_id: UUID) -> ResponseReturnValue:
    return _deletion(role_id, Form())


@roles_pages.post("/roles/<uuid:role_id>/deletion")
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def delete(role_id: UUID) -> ResponseReturnValue:
    form = Form()
    role = attempt(form, lambda: delete_role(role_id, by=actor()))
    if role is None:
        return _deletion(role_id, form), 422
    flash_done(_("The role %(name)s was deleted. It allows nothing any more.", name=role.name))
    return redirect(url_for("roles.index"), 303)


@roles_pages.post("/roles/<uuid:role_id>/restoration")
@requires(Permission.ROLES_MANAGE, everywhere=True)
def restore(role_id: UUID) -> ResponseReturnValue:
    role = restore_role(role_id, by=actor())
    flash_done(_("The role %(name)s is back.", name=role.name))
    return redirect(url_for("roles.show", role_id=role_id), 303)


@roles_pages.get("/users/<uuid:user_id>/access")
@requires(Permission.USERS_READ)
def access(user_id: UUID) -> ResponseReturnValue:
    """What this person may do, where, why and until when."""
    return _access(_seen(user_id), GrantForm(), JoinForm())


@roles_pages.post("/users/<uuid:user_id>/roles")
@requires(Permission.ROLES_GRANT, sudo=True)
def grant(user_id: UUID) -> ResponseReturnValue:
    user, form = _seen(user_id), GrantForm()
    if form.validate():
        try:
            given = grant_role(
                chosen(form.role.data),
                user_id=user_id,
                scope_id=chosen(form.within.data) if form.within.data else None,
                starts_at=form.starts_at.moment,
                ends_at=form.ends_at.moment,
                by=actor(),
            )
        except Refused as error:
            form.refuse(error, beside="role")
        else:
            return _given(given, user)
    return _access(user, form, JoinForm()), 422


@roles_pages.post("/users/<uuid:user_id>/groups")
@requires(Permission.GROUPS_MANAGE)
def join(user_id: UUID) -> ResponseReturnValue:
    user, form = _seen(user_id), JoinForm()
    if form.validate():
        try:
            starts_at, ends_at = form.starts_at.moment, form.ends_at.moment
            add_member(chosen(form.group.data), user_id, by=actor(), starts_at=starts_at, ends_at=ends_at)
        except Refused as error:
            form.refuse(error, beside="group")
        else:
            flash_done(_("%(name)s is in the group.", name=user.name))
            return redirect(url_for("roles.access", user_id=user_id), 303)
    return _access(user, GrantForm(), form), 422


@roles_pages.post("/users/<uuid:user_id>/roles/<uuid:grant_id>/end")
@requires(Permission.ROLES_GRANT, sudo=True)
def revoke(user_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    end_grant(grant_id, by=actor())
    flash_done(_("The role was taken back, from this moment on."))
    return redirect(url_for("roles.access", user_id=user_id), 303)


@roles_pages.post("/users/<uuid:user_id>/groups/<uuid:membership_id>/end")
@requires(Permission.GROUPS_MANAGE)
def leave(user_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    end_membership(membership_id, by=actor())
    flash_done(_("They are no longer in the group."))
    return redirect(url_for("roles.access", user_id=user_id), 303)


def _given(grant: RoleGrant, user: User) -> ResponseReturnValue:
    flash_done(_("%(name)s has the role now.", name=user.name))
    return redirect(url_for("roles.access", user_id=grant.user_id), 303)


def _deletion(role_id: UUID, form: Form) -> str:
    people, groups = grant_counts().get(role_id, (0, 0))
    return render_template("roles/delete.html", role=get_role(role_id), people=people, groups=groups, form=form)


def _seen(user_id: UUID) -> User:
    return get_user(user_id, reach=reach(Permission.USERS_READ))


def _access(user: User, grant_form: GrantForm, join_form: JoinForm) -> str:
    offer_roles(grant_form)
    offer_groups(join_form)
    powers = powers_of(user.id)
    return render_template(
        "roles/access.html",
        user=user,
        labels=labels_of([user.id])[user.id],
        grants=grants_of(user.id),
        memberships=memberships_of(user.id),
        powers=powers,
        scopes=names_of(list(powers.within)),
        grant_form=grant_form,
        join_form=join_form,
    )


def _values(form: RoleForm) -> dict[str, Any]:
    values = form.values
    return values | {"description": values["description"] or "", "permissions": values["permissions"] or []}
