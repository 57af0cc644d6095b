"""The pages of what one person may do and why: their roles and groups."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.access.models import RoleGrant
from webapp.access.powers import powers_of
from webapp.access.queries import grants_of_user, memberships_of_user
from webapp.access.services import add_member, end_grant, end_membership, grant_role
from webapp.access.summaries import access_summaries
from webapp.audit.flashes import flash_done, flash_outcome
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.queries import group_names
from webapp.roles.catalogue import template_context
from webapp.roles.choices import set_group_choices, set_role_choices
from webapp.roles.forms import GrantForm, JoinForm
from webapp.users.models import User
from webapp.users.queries import get_user
from webapp.web.forms import uuid_or_nil
from webapp.web.guards import actor, reach, requires

person_access_pages = Blueprint("access", __name__, url_prefix="/users/<uuid:user_id>")
person_access_pages.context_processor(template_context)


@person_access_pages.get("/access")
@requires(Permission.USERS_READ)
def show(user_id: UUID) -> ResponseReturnValue:
    """What this person may do, where, why and until when."""
    return _access(_seen(user_id), GrantForm(), JoinForm())


@person_access_pages.post("/roles")
@requires(Permission.ROLES_GRANT, sudo=True)
def grant(user_id: UUID) -> ResponseReturnValue:
    user, form = _seen(user_id), GrantForm()
    if form.validate():
        try:
            given = grant_role(
                uuid_or_nil(form.role.data),
                user_id=user_id,
                scope_id=uuid_or_nil(form.within.data) if form.within.data else None,
                starts_at=form.starts_at.moment,
                ends_at=form.ends_at.moment,
                by=actor(),
            )
        except Refused as error:
            form.add_error(error, default_field="role")
        else:
            return _given(given, user)
    return _access(user, form, JoinForm()), 422


@person_access_pages.post("/groups")
@requires(Permission.GROUPS_MANAGE)
def join(user_id: UUID) -> ResponseReturnValue:
    user, form = _seen(user_id), JoinForm()
    if form.validate():
        try:
            starts_at, ends_at = form.starts_at.moment, form.ends_at.moment
            add_member(uuid_or_nil(form.group.data), user_id, by=actor(), starts_at=starts_at, ends_at=ends_at)
        except Refused as error:
            form.add_error(error, default_field="group")
        else:
            flash_done(_("%(name)s is in the group.", name=user.name))
            return redirect(url_for("access.show", user_id=user_id), 303)
    return _access(user, GrantForm(), form), 422


@person_access_pages.post("/roles/<uuid:grant_id>/end")
@requires(Permission.ROLES_GRANT, sudo=True)
def revoke(user_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    flash_outcome(lambda: end_grant(grant_id, by=actor()), _("The role was taken back, from this moment on."))
    return redirect(url_for("access.show", user_id=user_id), 303)


@person_access_pages.post("/groups/<uuid:membership_id>/end")
@requires(Permission.GROUPS_MANAGE)
def leave(user_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    flash_outcome(lambda: end_membership(membership_id, by=actor()), _("They are no longer in the group."))
    return redirect(url_for("access.show", user_id=user_id), 303)


def _given(grant: RoleGrant, user: User) -> ResponseReturnValue:
    flash_done(_("%(name)s has the role now.", name=user.name))
    return redirect(url_for("access.show", user_id=grant.user_id), 303)


def _seen(user_id: UUID) -> User:
    return get_user(user_id, reach=reach(Permission.USERS_READ))


def _access(user: User, grant_form: GrantForm, join_form: JoinForm) -> str:
    set_role_choices(grant_form)
    set_group_choices(join_form)
    powers = powers_of(user.id)
    return render_template(
        "roles/access.html",
        user=user,
        labels=access_summaries([user.id])[user.id],
        grants=grants_of_user(user.id),
        memberships=memberships_of_user(user.id),
        powers=powers,
        scopes=group_names(list(powers.by_scope)),
        grant_form=grant_form,
        join_form=join_form,
    )
