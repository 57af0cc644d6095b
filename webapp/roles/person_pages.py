"""The page with one person's roles, groups and permissions, and its forms."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.access.powers import powers_of
from webapp.access.queries import grants_of_user, memberships_of_user
from webapp.access.services import add_member, end_grant, end_membership, grant_role
from webapp.access.summaries import access_summaries
from webapp.audit.flashes import flash_done, flash_outcome
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.queries import get_membership_by_id, group_names
from webapp.roles.choices import set_group_choices, set_role_choices
from webapp.roles.forms import GrantForm, MembershipForm
from webapp.roles.person_rows import effective_permissions, grant_rows, membership_rows
from webapp.roles.queries import get_grant
from webapp.users.models import User
from webapp.users.viewer import get_visible_user
from webapp.web.guards import actor, requires
from webapp.web.idempotency import created_once

person_access_pages = Blueprint("access", __name__, url_prefix="/users/<uuid:user_id>")


@person_access_pages.get("/access")
@requires(Permission.USERS_READ)
def show(user_id: UUID) -> ResponseReturnValue:
    return _page(get_visible_user(user_id), GrantForm(), MembershipForm())


@person_access_pages.post("/roles")
@requires(Permission.ROLES_GRANT, sudo=True)
def grant(user_id: UUID) -> ResponseReturnValue:
    user, form = get_visible_user(user_id), GrantForm()
    if form.validate():
        try:
            created_once(form, lambda: grant_role(**form.grant, user_id=user_id, by=actor()).id)
        except Refused as error:
            form.add_error(error, default_field="role")
        else:
            flash_done(_("%(name)s has the role now", name=user.name))
            return _redirect(user_id)
    return _page(user, form, MembershipForm()), 422


@person_access_pages.post("/groups")
@requires(Permission.GROUPS_MANAGE)
def join(user_id: UUID) -> ResponseReturnValue:
    user, form = get_visible_user(user_id), MembershipForm()
    if form.validate():
        try:
            created_once(form, lambda: add_member(**form.membership, user_id=user_id, by=actor()).id)
        except Refused as error:
            form.add_error(error, default_field="group")
        else:
            flash_done(_("%(name)s was added to the group", name=user.name))
            return _redirect(user_id)
    return _page(user, GrantForm(), form), 422


@person_access_pages.post("/roles/<uuid:grant_id>/end")
@requires(Permission.ROLES_GRANT, sudo=True)
def revoke(user_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    grant = get_grant(grant_id, user_id=user_id)
    flash_outcome(lambda: end_grant(grant.id, by=actor()), _("The role was removed"))
    return _redirect(user_id)


@person_access_pages.post("/groups/<uuid:membership_id>/end")
@requires(Permission.GROUPS_MANAGE)
def leave(user_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    membership = get_membership_by_id(membership_id, user_id=user_id)
    flash_outcome(lambda: end_membership(membership.id, by=actor()), _("They were removed from the group"))
    return _redirect(user_id)


def _redirect(user_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("access.show", user_id=user_id), 303)


def _page(user: User, grant_form: GrantForm, membership_form: MembershipForm) -> str:
    set_role_choices(grant_form)
    set_group_choices(membership_form)
    powers = powers_of(user.id)
    return render_template(
        "roles/access.html",
        user=user,
        labels=access_summaries([user.id])[user.id],
        grants=grant_rows(grants_of_user(user.id)),
        memberships=membership_rows(memberships_of_user(user.id)),
        effective=effective_permissions(powers, group_names(list(powers.by_scope))),
        grant_form=grant_form,
        membership_form=membership_form,
    )
