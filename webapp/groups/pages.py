"""The pages of groups."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from webapp.access.models import Group, role_label
from webapp.access.queries import find_by_name, group_choices
from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.groups.forms import EditGroupForm, GroupForm, MemberForm, NewGroupForm
from webapp.groups.group_page import render_group, visible_group
from webapp.groups.queries import child_groups, direct_members, grants_to_group, group_names
from webapp.groups.schemas import GroupListQuery
from webapp.groups.services import create_group, delete_group, restore_group, update_group
from webapp.groups.tree_page import render_tree
from webapp.lists.count import counted
from webapp.web.forms import Form, catch_invalid, uuid_or_nil
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, conflict_page, save_merged
from webapp.web.paging import parse_query_parameters

AnyGroupForm = TypeVar("AnyGroupForm", bound=GroupForm)
groups_pages = Blueprint("groups", __name__, url_prefix="/groups")


@groups_pages.get("")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    return render_tree(parse_query_parameters(GroupListQuery))


@groups_pages.get("/new")
@requires(Permission.GROUPS_MANAGE)
def new() -> ResponseReturnValue:
    form = NewGroupForm(parent_id=request.args.get("parent", ""))
    return _creation_page(_with_choices(form))


@groups_pages.post("")
@requires(Permission.GROUPS_MANAGE)
def create() -> ResponseReturnValue:
    form = _with_choices(NewGroupForm())
    if form.validate():
        try:
            group_id = created_once(form, lambda: create_group(**_values(form), by=actor()).id)
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Group %(name)s created", name=visible_group(group_id).name))
            return redirect(url_for("groups.show", group_id=group_id), 303)
    return _creation_page(form), 422


@groups_pages.get("/<uuid:group_id>")
@requires(Permission.USERS_READ)
def show(group_id: UUID) -> ResponseReturnValue:
    return render_group(visible_group(group_id), MemberForm())


@groups_pages.get("/<uuid:group_id>/edit")
@requires(Permission.GROUPS_MANAGE)
def edit(group_id: UUID) -> ResponseReturnValue:
    group = visible_group(group_id)
    return render_template("groups/edit.html", group=group, form=_filled_form(group))


@groups_pages.post("/<uuid:group_id>")
@requires(Permission.GROUPS_MANAGE)
def update(group_id: UUID) -> ResponseReturnValue:
    form = _with_choices(EditGroupForm(), visible_group(group_id))
    if form.validate():
        try:
            group = save_merged(
                form,
                lambda: update_group(group_id, **_values(form), by=actor()),
                saved=lambda: _filled_form(visible_group(group_id)),
            )
        except Conflict as conflict:
            return _conflict_page(visible_group(group_id), form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=group.name))
            return redirect(url_for("groups.show", group_id=group_id), 303)
    return render_template("groups/edit.html", group=visible_group(group_id), form=form), 422


@groups_pages.get("/<uuid:group_id>/deletion")
@requires(Permission.GROUPS_MANAGE)
def confirm_deletion(group_id: UUID) -> ResponseReturnValue:
    return _deletion_page(group_id, Form())


@groups_pages.post("/<uuid:group_id>/deletion")
@requires(Permission.GROUPS_MANAGE)
def delete(group_id: UUID) -> ResponseReturnValue:
    form = Form()
    group = catch_invalid(form, lambda: delete_group(group_id, by=actor()))
    if group is None:
        return _deletion_page(group_id, form), 422
    flash_done(_("Group %(name)s deleted", name=group.name))
    return redirect(url_for("groups.index"), 303)


@groups_pages.post("/<uuid:group_id>/restoration")
@requires(Permission.GROUPS_MANAGE)
def restore(group_id: UUID) -> ResponseReturnValue:
    group = restore_group(group_id, by=actor())
    flash_done(_("Group %(name)s restored", name=group.name))
    return redirect(url_for("groups.show", group_id=group_id), 303)


def _creation_page(form: NewGroupForm) -> str:
    """`outer` is the group that the new one will be part of."""
    chosen = {str(choice.value): choice.label for choice in form.parent_id.choices or () if choice.value}
    parent_id = form.parent_id.data if form.parent_id.data in chosen else None
    return render_template("groups/new.html", form=form, parent_id=parent_id, parent_name=chosen.get(parent_id or ""))


def _deletion_page(group_id: UUID, form: Form) -> str:
    return render_template(
        "groups/delete.html",
        group=visible_group(group_id),
        children=child_groups(group_id),
        members=counted(direct_members(group_id)),
        role_names=[role_label(grant.role.name) for grant in grants_to_group(group_id)],
        form=form,
    )


def _filled_form(group: Group) -> EditGroupForm:
    """Return the form with the saved values of the group."""
    return _with_choices(EditGroupForm(None, obj=group), group)


def _conflict_page(group: Group, form: EditGroupForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=group.name,
        back=url_for("groups.show", group_id=group.id),
        action=url_for("groups.update", group_id=group.id),
        audit_action=Action.GROUP_UPDATED,
        edit=last_edit_of(group.id, Action.GROUP_UPDATED),
    )


def _with_choices(form: AnyGroupForm, group: Group | None = None) -> AnyGroupForm:
    """Offer as a parent each group that the viewer can manage, the top, and the present parent of `group`."""
    managed = reach(Permission.GROUPS_MANAGE)
    top = (
        [SelectChoice("", _("Not part of another group"))] if managed is None or (group and not group.parent_id) else []
    )
    parents = group_names([group.parent_id] if group else [])
    parents |= {choice.id: choice.name for choice in group_choices(managed) if choice != group}
    # There may be more groups than choices. The chosen one is always among them.
    chosen = find_by_name(Group, form.parent_id.data or "", reach=managed) if form.parent_id.data else None
    if chosen and chosen != group:
        parents.setdefault(chosen.id, chosen.name)
    form.parent_id.choices = top + [SelectChoice(str(parent_id), name) for parent_id, name in parents.items()]
    return form


def _values(form: GroupForm) -> dict[str, Any]:
    values = form.values
    parent_id = uuid_or_nil(values["parent_id"]) if values["parent_id"] else None
    return values | {"parent_id": parent_id, "description": values["description"] or ""}
