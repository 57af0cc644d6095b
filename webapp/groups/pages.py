"""The pages of groups."""

from __future__ import annotations

from contextlib import suppress
from itertools import dropwhile
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from webapp.access.models import Group
from webapp.access.queries import group_choices, search_groups
from webapp.access.services import add_member, end_membership
from webapp.audit.flashes import flash_done, flash_outcome
from webapp.core.errors import Refused, Stale
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.forms import EditGroupForm, GroupForm, MemberForm
from webapp.groups.queries import (
    BY_NAME,
    MEMBERS_BY_NAME,
    ancestors_of,
    child_groups,
    current_memberships,
    direct_members,
    future_members,
    get_visible_group,
    grants_scoped_to,
    grants_to_group,
    group_names,
)
from webapp.groups.schemas import GroupListQuery
from webapp.groups.services import create_group, delete_group, restore_group, update_group
from webapp.lists.count import counted
from webapp.lists.page import paginate
from webapp.users.queries import get_user_by_identifier
from webapp.web.forms import Form, catch_invalid
from webapp.web.guards import actor, reach, requires
from webapp.web.paging import parse_query_parameters

groups_pages = Blueprint("groups", __name__, url_prefix="/groups")


@groups_pages.get("")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    query = parse_query_parameters(GroupListQuery)
    groups = search_groups(search=query.q, reach=reach(Permission.USERS_READ))
    page = paginate(groups, BY_NAME, query.window)
    parents = group_names([group.parent_id for group in page.items])
    return render_template("groups/index.html", page=page, query=query, parents=parents)


@groups_pages.get("/new")
@requires(Permission.GROUPS_MANAGE)
def new() -> ResponseReturnValue:
    return render_template("groups/new.html", form=_with_choices(GroupForm()))


@groups_pages.post("")
@requires(Permission.GROUPS_MANAGE)
def create() -> ResponseReturnValue:
    form = _with_choices(GroupForm())
    if form.validate():
        try:
            group = create_group(**_values(form), by=actor())
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("The group %(name)s was made.", name=group.name))
            return redirect(url_for("groups.show", group_id=group.id), 303)
    return render_template("groups/new.html", form=form), 422


@groups_pages.get("/<uuid:group_id>")
@requires(Permission.USERS_READ)
def show(group_id: UUID) -> ResponseReturnValue:
    return _shown(_seen(group_id), MemberForm())


@groups_pages.get("/<uuid:group_id>/edit")
@requires(Permission.GROUPS_MANAGE)
def edit(group_id: UUID) -> ResponseReturnValue:
    group = _seen(group_id)
    return render_template("groups/edit.html", group=group, form=_with_choices(EditGroupForm(obj=group), group))


@groups_pages.post("/<uuid:group_id>")
@requires(Permission.GROUPS_MANAGE)
def update(group_id: UUID) -> ResponseReturnValue:
    form = _with_choices(EditGroupForm(), _seen(group_id))
    if form.validate():
        try:
            group = update_group(group_id, **_values(form), by=actor())
        except (Stale, Refused) as error:
            form.add_error(error)
        else:
            flash_done(_("Your changes to %(name)s were saved.", name=group.name))
            return redirect(url_for("groups.show", group_id=group_id), 303)
    return render_template("groups/edit.html", group=_seen(group_id), form=form), 422


@groups_pages.get("/<uuid:group_id>/deletion")
@requires(Permission.GROUPS_MANAGE)
def confirm_deletion(group_id: UUID) -> ResponseReturnValue:
    return _deletion(group_id, Form())


@groups_pages.post("/<uuid:group_id>/deletion")
@requires(Permission.GROUPS_MANAGE)
def delete(group_id: UUID) -> ResponseReturnValue:
    form = Form()
    group = catch_invalid(form, lambda: delete_group(group_id, by=actor()))
    if group is None:
        return _deletion(group_id, form), 422
    flash_done(_("The group %(name)s was deleted.", name=group.name))
    return redirect(url_for("groups.index"), 303)


@groups_pages.post("/<uuid:group_id>/restoration")
@requires(Permission.GROUPS_MANAGE)
def restore(group_id: UUID) -> ResponseReturnValue:
    group = restore_group(group_id, by=actor())
    flash_done(_("The group %(name)s is back.", name=group.name))
    return redirect(url_for("groups.show", group_id=group_id), 303)


@groups_pages.post("/<uuid:group_id>/members")
@requires(Permission.GROUPS_MANAGE)
def add(group_id: UUID) -> ResponseReturnValue:
    form = MemberForm()
    if form.validate():
        try:
            user = get_user_by_identifier(form.person.data)
            add_member(group_id, user.id, by=actor(), starts_at=form.starts_at.moment, ends_at=form.ends_at.moment)
        except Refused as error:
            form.add_error(error, default_field="person")
        else:
            flash_done(_("%(name)s is in the group.", name=user.name))
            return redirect(url_for("groups.show", group_id=group_id), 303)
    return _shown(_seen(group_id), form), 422


@groups_pages.post("/<uuid:group_id>/members/<uuid:membership_id>/end")
@requires(Permission.GROUPS_MANAGE)
def end(group_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    flash_outcome(lambda: end_membership(membership_id, by=actor()), _("They are no longer in the group."))
    return redirect(url_for("groups.show", group_id=group_id), 303)


def _deletion(group_id: UUID, form: Form) -> str:
    return render_template(
        "groups/delete.html",
        group=_seen(group_id),
        inside=child_groups(group_id),
        members=counted(direct_members(group_id)),
        grants=grants_to_group(group_id),
        form=form,
    )


def _seen(group_id: UUID) -> Group:
    """A group that the person looking may see; any other is not there for them."""
    return get_visible_group(group_id, reach=reach(Permission.USERS_READ))


def _seen_path(group: Group) -> list[Group]:
    """The groups around it that the person looking may see, from the top."""
    seen, path = reach(Permission.USERS_READ), ancestors_of(group)
    return path if seen is None else list(dropwhile(lambda around: around.id not in seen, path))


def _shown(group: Group, form: MemberForm) -> str:
    query = parse_query_parameters(GroupListQuery)
    page = paginate(direct_members(group.id), MEMBERS_BY_NAME, query.window)
    return render_template(
        "groups/show.html",
        group=group,
        path=_seen_path(group),
        inside=child_groups(group.id),
        page=page,
        memberships=current_memberships(group.id, [user.id for user in page.items]),
        coming=future_members(group.id),
        grants=grants_to_group(group.id),
        within=grants_scoped_to(group.id),
        form=form,
    )


def _with_choices(form: GroupForm, group: Group | None = None) -> GroupForm:
    """A group can be inside any that the person may manage, or at the top; `group` can also stay where it is."""
    managed = reach(Permission.GROUPS_MANAGE)
    top = [SelectChoice("", _("No other group"))] if managed is None or (group and not group.parent_id) else []
    around = group_names([group.parent_id] if group else [])
    groups = around | {choice.id: choice.name for choice in group_choices(managed) if choice != group}
    form.parent_id.choices = top + [SelectChoice(str(group_id), name) for group_id, name in groups.items()]
    return form


def _values(form: GroupForm) -> dict[str, Any]:
    values = form.values
    parent_id = None
    with suppress(ValueError):
        parent_id = UUID(values["parent_id"]) if values["parent_id"] else None
    return values | {"parent_id": parent_id, "description": values["description"] or ""}
