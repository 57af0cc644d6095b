"""Adds and removes members, by the forms on the page of a group."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.access.services import add_member, end_membership
from webapp.audit.flashes import flash_done, flash_outcome
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.forms import MemberForm
from webapp.groups.group_page import render_group, visible_group
from webapp.groups.queries import get_membership_by_id
from webapp.users.queries import get_user_by_identifier
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import created_once

group_members_pages = Blueprint("group_members", __name__, url_prefix="/groups/<uuid:group_id>/members")


@group_members_pages.post("")
@requires(Permission.GROUPS_MANAGE)
def add(group_id: UUID) -> ResponseReturnValue:
    form = MemberForm()
    if form.validate():
        try:
            user = get_user_by_identifier(form.person.data or "", reach=reach(Permission.USERS_READ))
            period: Any = {"starts_at": form.starts_at.data, "ends_at": form.ends_at.data}
            created_once(form, lambda: add_member(group_id, user.id, **period, by=actor()).id)
        except Refused as error:
            form.add_error(error, default_field="person")
        else:
            flash_done(_("%(name)s was added to the group", name=user.name))
            return redirect(url_for("groups.show", group_id=group_id), 303)
    return render_group(visible_group(group_id), form), 422


@group_members_pages.post("/<uuid:membership_id>/end")
@requires(Permission.GROUPS_MANAGE)
def end(group_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    membership = get_membership_by_id(membership_id, group_id=group_id)
    flash_outcome(lambda: end_membership(membership.id, by=actor()), _("They were removed from the group"))
    return redirect(url_for("groups.show", group_id=group_id), 303)
