"""The page of the organisation: its name, contact and logo, as e-mails show them."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.mail.queries import get_organisation
from webapp.mail_settings.forms import OrganisationForm
from webapp.mail_settings.services import SUBJECT_ID, update_mail_settings
from webapp.web.guards import actor, requires
from webapp.web.merging import Conflict, conflict_page, save_merged

organisation_pages = Blueprint("organisation", __name__, url_prefix="/settings/organisation")


@organisation_pages.get("")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def edit() -> ResponseReturnValue:
    return _page(OrganisationForm.of(get_organisation()))


@organisation_pages.post("")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def update() -> ResponseReturnValue:
    form = OrganisationForm()
    if form.validate():
        try:
            save_merged(
                form,
                lambda: update_mail_settings(**form.settings, by=actor()),
                saved=lambda: OrganisationForm.of(get_organisation()),
            )
        except Conflict as conflict:
            return _conflict_page(form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to the organisation saved"))
            return redirect(url_for("organisation.edit"), 303)
    return _page(form), 422


def _page(form: OrganisationForm) -> str:
    return render_template("mail_settings/organisation.html", form=form, organisation=get_organisation())


def _conflict_page(form: OrganisationForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=_("Organisation"),
        back=url_for("organisation.edit"),
        action=url_for("organisation.update"),
        audit_action=Action.MAIL_SETTINGS_UPDATED,
        edit=last_edit_of(SUBJECT_ID, Action.MAIL_SETTINGS_UPDATED),
    )
