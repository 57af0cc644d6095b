"""The page of the event stream in the settings."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.flashes import flash_done
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.event_stream.push.forms import EventPushForm
from webapp.event_stream.push.queries import find_push
from webapp.event_stream.push.services import pause_push, remove_target, request_test, resume_push, save_target
from webapp.event_stream.push.state import state_of
from webapp.signin.retention import UNREAD_DAYS_MAX, UNREAD_MAX
from webapp.web.forms import Form
from webapp.web.guards import actor, requires

push_pages = Blueprint("event_push", __name__, url_prefix="/settings/event-stream")


@push_pages.get("")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def edit() -> ResponseReturnValue:
    return _page(EventPushForm.of(find_push()))


@push_pages.post("")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def save() -> ResponseReturnValue:
    form = EventPushForm()
    if form.validate():
        try:
            save_target(**form.target, by=actor())
        except Refused as error:
            form.add_error(error)
            return _page(form), error.status
        flash_done(_("Changes to the event stream saved"))
        return redirect(url_for("event_push.edit"), 303)
    return _page(form), 422


@push_pages.post("/test")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def test() -> ResponseReturnValue:
    request_test(by=actor())
    flash(_("A test event is on its way"), "success")
    return redirect(url_for("event_push.edit"), 303)


@push_pages.post("/pause")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def pause() -> ResponseReturnValue:
    pause_push(by=actor())
    flash_done(_("Sending is paused"))
    return redirect(url_for("event_push.edit"), 303)


@push_pages.post("/resumption")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def resume() -> ResponseReturnValue:
    resume_push(by=actor())
    flash_done(_("Sending is resumed"))
    return redirect(url_for("event_push.edit"), 303)


@push_pages.get("/removal")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def confirm_removal() -> ResponseReturnValue:
    push = find_push()
    if push is None:
        return redirect(url_for("event_push.edit"), 303)
    return render_template("event_stream/remove.html", form=Form(), push=push)


@push_pages.post("/removal")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def remove() -> ResponseReturnValue:
    remove_target(by=actor())
    flash_done(_("Events are no longer sent"))
    return redirect(url_for("event_push.edit"), 303)


def _page(form: EventPushForm) -> str:
    push = find_push()
    return render_template(
        "event_stream/push.html",
        form=form,
        action_form=Form(None),
        state=state_of(push) if push else None,
        kept_days=current_settings().security_event_days,
        unread_days=UNREAD_DAYS_MAX,
        unread_max=UNREAD_MAX,
    )
