"""The pages of webhooks: list, create, edit, pause, delete."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.forms import Form
from webapp.web.guards import actor, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, conflict_page, save_merged
from webapp.webhooks.checks import CheckedEndpoint, check_endpoint
from webapp.webhooks.forms import EditWebhookForm, NewWebhookForm, SecretRotationForm
from webapp.webhooks.models import Endpoint
from webapp.webhooks.queries import get_endpoint, list_endpoints
from webapp.webhooks.services import (
    CreatedSecret,
    add_endpoint,
    delete_endpoint,
    pause_endpoint,
    resume_endpoint,
    rotate_secret,
    update_endpoint,
)

webhook_pages = Blueprint("webhooks", __name__, url_prefix="/settings/webhooks")
MANAGE = Permission.WEBHOOKS_MANAGE


@webhook_pages.get("")
@requires(MANAGE, everywhere=True)
def index() -> ResponseReturnValue:
    return render_template("webhooks/index.html", endpoints=list_endpoints())


@webhook_pages.get("/new")
@requires(MANAGE, sudo=True, everywhere=True)
def new() -> ResponseReturnValue:
    return render_template("webhooks/new.html", form=NewWebhookForm())


@webhook_pages.post("")
@requires(MANAGE, sudo=True, everywhere=True)
def create() -> ResponseReturnValue:
    """Create a webhook. This answer is the only one that shows its secret."""
    form = NewWebhookForm()
    created: list[CreatedSecret] = []

    def once(checked: CheckedEndpoint) -> UUID:
        created.append(add_endpoint(checked, by=actor()))
        return created[-1].endpoint.id

    if form.validate():
        try:
            endpoint_id = created_once(form, partial(once, check_endpoint(**form.webhook)))
        except Refused as error:
            form.add_error(error)
        else:
            return _secret_page(created[0]) if created else _shown_before(endpoint_id)
    return render_template("webhooks/new.html", form=form), 422


@webhook_pages.get("/<uuid:webhook_id>/edit")
@requires(MANAGE, sudo=True, everywhere=True)
def edit(webhook_id: UUID) -> ResponseReturnValue:
    endpoint = get_endpoint(webhook_id)
    return _edit_page(endpoint, EditWebhookForm.of(endpoint))


@webhook_pages.post("/<uuid:webhook_id>")
@requires(MANAGE, sudo=True, everywhere=True)
def update(webhook_id: UUID) -> ResponseReturnValue:
    form = EditWebhookForm()
    if form.validate():
        try:
            endpoint = save_merged(
                form,
                lambda: update_endpoint(webhook_id, **form.webhook, version=form.version.data, by=actor()),
                saved=lambda: EditWebhookForm.of(get_endpoint(webhook_id)),
            )
        except Conflict as conflict:
            return _conflict_page(get_endpoint(webhook_id), form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=endpoint.name))
            return _to(webhook_id)
    return _edit_page(get_endpoint(webhook_id), form), 422


@webhook_pages.post("/<uuid:webhook_id>/pause")
@requires(MANAGE, everywhere=True)
def pause(webhook_id: UUID) -> ResponseReturnValue:
    flash_done(_("Webhook %(name)s paused", name=pause_endpoint(webhook_id, by=actor()).name))
    return _to(webhook_id)


@webhook_pages.post("/<uuid:webhook_id>/resumption")
@requires(MANAGE, everywhere=True)
def resume(webhook_id: UUID) -> ResponseReturnValue:
    flash_done(_("Webhook %(name)s resumed", name=resume_endpoint(webhook_id, by=actor()).name))
    return _to(webhook_id)


@webhook_pages.get("/<uuid:webhook_id>/rotation")
@requires(MANAGE, sudo=True, everywhere=True)
def rotation(webhook_id: UUID) -> ResponseReturnValue:
    return _rotation_page(webhook_id, SecretRotationForm())


@webhook_pages.post("/<uuid:webhook_id>/rotation")
@requires(MANAGE, sudo=True, everywhere=True)
def rotate(webhook_id: UUID) -> ResponseReturnValue:
    """Replace the secret. This answer is the only one that shows the new one."""
    form = SecretRotationForm()
    created: list[CreatedSecret] = []

    def once() -> UUID:
        created.append(rotate_secret(webhook_id, overlap_hours=form.overlap_hours.data, by=actor()))
        return webhook_id

    if form.validate():
        try:
            created_once(form, once)
        except Refused as error:
            form.add_error(error)
        else:
            return _secret_page(created[0]) if created else _shown_before(webhook_id)
    return _rotation_page(webhook_id, form), 422


@webhook_pages.get("/<uuid:webhook_id>/deletion")
@requires(MANAGE, sudo=True, everywhere=True)
def confirm_deletion(webhook_id: UUID) -> ResponseReturnValue:
    return render_template("webhooks/delete.html", endpoint=get_endpoint(webhook_id), form=Form())


@webhook_pages.post("/<uuid:webhook_id>/deletion")
@requires(MANAGE, sudo=True, everywhere=True)
def delete(webhook_id: UUID) -> ResponseReturnValue:
    name = get_endpoint(webhook_id).name
    delete_endpoint(webhook_id, by=actor())
    flash_done(_("Webhook %(name)s deleted", name=name))
    return redirect(url_for("webhooks.index"), 303)


def _to(webhook_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("webhook_deliveries.show", webhook_id=webhook_id), 303)


def _edit_page(endpoint: Endpoint, form: EditWebhookForm) -> str:
    return render_template("webhooks/edit.html", endpoint=endpoint, form=form)


def _rotation_page(webhook_id: UUID, form: SecretRotationForm) -> str:
    return render_template("webhooks/rotate.html", endpoint=get_endpoint(webhook_id), form=form)


def _secret_page(created: CreatedSecret) -> str:
    return render_template("webhooks/secret.html", created=created)


def _shown_before(webhook_id: UUID) -> ResponseReturnValue:
    flash(_("This secret is not shown again. If you did not save it, replace it."), "info")
    return _to(webhook_id)


def _conflict_page(endpoint: Endpoint, form: EditWebhookForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=endpoint.name,
        back=url_for("webhooks.edit", webhook_id=endpoint.id),
        action=url_for("webhooks.update", webhook_id=endpoint.id),
        audit_action=Action.WEBHOOK_UPDATED,
        edit=last_edit_of(endpoint.id, Action.WEBHOOK_UPDATED),
    )
