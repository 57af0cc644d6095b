"""The settings pages of attributes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.attributes.forms import EditAttributeForm, NewAttributeForm
from webapp.attributes.keys import unused_key
from webapp.attributes.models import Attribute
from webapp.attributes.queries import (
    count_people_with_value,
    count_people_without_value,
    deleted_attributes,
    get_attribute,
    index_jobs,
    live_attributes,
)
from webapp.attributes.rows import IndexState, attribute_row, index_state
from webapp.attributes.services import (
    create_attribute,
    delete_attribute,
    move_attribute,
    restore_attribute,
    update_attribute,
)
from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.errors import Refused
from webapp.core.formats import format_number
from webapp.core.permissions import Permission
from webapp.core.texts import _, ngettext
from webapp.jobs.models import Job
from webapp.web.forms import Form
from webapp.web.guards import actor, can, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, conflict_page, save_merged

attributes_pages = Blueprint("attributes", __name__, url_prefix="/settings")


@attributes_pages.get("/attributes")
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def index() -> ResponseReturnValue:
    jobs = index_jobs()
    rows = [attribute_row(each, _index_state(each, jobs.get(each.id))) for each in live_attributes()]
    return render_template("attributes/index.html", attributes=rows, deleted=deleted_attributes())


@attributes_pages.get("/attributes/key")
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def propose_key() -> ResponseReturnValue:
    """Return the key that a new attribute with this name would get, as text."""
    return unused_key(request.args.get("name", "")), 200, {"Content-Type": "text/plain; charset=utf-8"}


@attributes_pages.get("/attributes/new")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def new() -> ResponseReturnValue:
    return render_template("attributes/new.html", form=NewAttributeForm())


@attributes_pages.post("/attributes")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def create() -> ResponseReturnValue:
    form = NewAttributeForm()
    if form.choices.rows_changed:
        return render_template("attributes/new.html", form=form)
    if form.validate():
        try:
            attribute_id = created_once(form, lambda: create_attribute(**form.definition, by=actor()).id)
        except Refused as error:
            form.add_error(error)
        else:
            attribute = get_attribute(attribute_id)
            _flash_saved(_("Attribute %(name)s created", name=attribute.label), attribute)
            return redirect(url_for("attributes.index"), 303)
    return render_template("attributes/new.html", form=form), 422


@attributes_pages.get("/attributes/<uuid:attribute_id>/edit")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def edit(attribute_id: UUID) -> ResponseReturnValue:
    attribute = get_attribute(attribute_id)
    return _edit_page(attribute, EditAttributeForm.of(attribute))


@attributes_pages.post("/attributes/<uuid:attribute_id>")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def update(attribute_id: UUID) -> ResponseReturnValue:
    form = EditAttributeForm()
    if form.choices.rows_changed:
        return _edit_page(get_attribute(attribute_id), form)
    if form.validate():
        try:
            attribute = save_merged(
                form,
                lambda: update_attribute(attribute_id, **form.definition, by=actor()),
                saved=lambda: EditAttributeForm.of(get_attribute(attribute_id)),
            )
        except Conflict as conflict:
            return _conflict_page(get_attribute(attribute_id), form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            _flash_saved(_("Changes to %(name)s saved", name=attribute.label), attribute)
            return redirect(url_for("attributes.index"), 303)
    return _edit_page(get_attribute(attribute_id), form), 422


@attributes_pages.post("/attributes/<uuid:attribute_id>/up")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def move_up(attribute_id: UUID) -> ResponseReturnValue:
    move_attribute(attribute_id, up=True, by=actor())
    return redirect(url_for("attributes.index"), 303)


@attributes_pages.post("/attributes/<uuid:attribute_id>/down")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def move_down(attribute_id: UUID) -> ResponseReturnValue:
    move_attribute(attribute_id, up=False, by=actor())
    return redirect(url_for("attributes.index"), 303)


@attributes_pages.get("/attributes/<uuid:attribute_id>/deletion")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def confirm_deletion(attribute_id: UUID) -> ResponseReturnValue:
    attribute = get_attribute(attribute_id)
    people = count_people_with_value(attribute.key)
    return render_template("attributes/delete.html", attribute=attribute, people=people, form=Form())


@attributes_pages.post("/attributes/<uuid:attribute_id>/deletion")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def delete(attribute_id: UUID) -> ResponseReturnValue:
    attribute = delete_attribute(attribute_id, by=actor())
    flash_done(_("Attribute %(name)s deleted. Values are kept.", name=attribute.label))
    return redirect(url_for("attributes.index"), 303)


@attributes_pages.post("/attributes/<uuid:attribute_id>/restoration")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def restore(attribute_id: UUID) -> ResponseReturnValue:
    attribute = restore_attribute(attribute_id, by=actor())
    flash_done(_("Attribute %(name)s restored", name=attribute.label))
    return redirect(url_for("attributes.index"), 303)


def _edit_page(attribute: Attribute, form: EditAttributeForm) -> str:
    people = count_people_with_value(attribute.key)
    index = _index_state(attribute, index_jobs().get(attribute.id))
    return render_template("attributes/edit.html", attribute=attribute, form=form, people=people, index=index)


def _conflict_page(attribute: Attribute, form: EditAttributeForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=attribute.label,
        back=url_for("attributes.index"),
        action=url_for("attributes.update", attribute_id=attribute.id),
        audit_action=Action.ATTRIBUTE_UPDATED,
        edit=last_edit_of(attribute.id, Action.ATTRIBUTE_UPDATED),
    )


def _index_state(attribute: Attribute, job: Job | None) -> IndexState | None:
    return index_state(attribute, job, viewer_id=actor().id, sees_jobs=can(Permission.JOBS_READ))


def _flash_saved(text: str, attribute: Attribute) -> None:
    """Report the change, and how many people lack a value of a required attribute."""
    flash_done(text)
    lacking = count_people_without_value(attribute.key) if attribute.required else 0
    if lacking:
        flash(
            ngettext(
                "%(count)s person has no value yet. It must be filled in when that user is edited.",
                "%(count)s people have no value yet. It must be filled in when those users are edited.",
                lacking,
                count=format_number(lacking),
            ),
            "info",
        )
