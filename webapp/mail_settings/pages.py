"""The page of e-mail settings."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.formats import use_reader
from webapp.core.permissions import Permission
from webapp.core.texts import LOCALES, _, language
from webapp.mail.delivery import server_name
from webapp.mail.messages import Recipient, render_message
from webapp.mail.queries import LOGO_ADDRESS, get_organisation, letterhead
from webapp.mail_settings.forms import MailSettingsForm
from webapp.mail_settings.logos import logo_type
from webapp.mail_settings.samples import sample_message
from webapp.mail_settings.services import SUBJECT_ID, send_test_mail, update_mail_settings
from webapp.web.forms import Form
from webapp.web.guards import actor, requires
from webapp.web.merging import Conflict, conflict_page, save_merged

mail_settings_pages = Blueprint("mail_settings", __name__, url_prefix="/settings/mail")
# E-mails style their elements inline. Nothing else is allowed on this page.
PREVIEW_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none';"
    " base-uri 'none'; sandbox"
)


@mail_settings_pages.get("")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def edit() -> ResponseReturnValue:
    return _page(MailSettingsForm.of(get_organisation()))


@mail_settings_pages.post("")
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def update() -> ResponseReturnValue:
    form = MailSettingsForm()
    if form.validate():
        try:
            save_merged(
                form,
                lambda: update_mail_settings(**form.settings, by=actor()),
                saved=lambda: MailSettingsForm.of(get_organisation()),
            )
        except Conflict as conflict:
            return _conflict_page(form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to e-mails saved"))
            return redirect(url_for("mail_settings.edit"), 303)
    return _page(form), 422


@mail_settings_pages.get("/preview")
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def preview() -> ResponseReturnValue:
    """Show the sample as mail programs show it, in the language of the parameter `locale`."""
    user, locale = current_user.user, request.args.get("locale", language())
    if locale not in LOCALES:
        abort(404)
    with use_reader(locale, user.timezone):
        _text, html = render_message(sample_message(), Recipient(user.email, user.name), letterhead(locale))
    html = html.replace(LOGO_ADDRESS, url_for("mail_settings.logo"))
    return html, 200, {"Content-Security-Policy": PREVIEW_CSP}


@mail_settings_pages.get("/logo")
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def logo() -> ResponseReturnValue:
    image = get_organisation().logo
    if not image:
        abort(404)
    return image, 200, {"Content-Type": logo_type(image)}


@mail_settings_pages.post("/test")
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def send_test() -> ResponseReturnValue:
    user = current_user.user
    recipient = Recipient(user.email, user.name, user.locale or language(), user.timezone)
    send_test_mail(recipient, by=actor())
    flash(_("A test e-mail to %(address)s is on its way", address=user.email), "success")
    return redirect(url_for("mail_settings.edit"), 303)


def _page(form: MailSettingsForm) -> str:
    settings = current_settings()
    return render_template(
        "mail_settings/edit.html",
        form=form,
        test_form=Form(None),
        server=server_name(),
        sender=settings.mail_from,
    )


def _conflict_page(form: MailSettingsForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=_("E-mails"),
        back=url_for("mail_settings.edit"),
        action=url_for("mail_settings.update"),
        audit_action=Action.MAIL_SETTINGS_UPDATED,
        edit=last_edit_of(SUBJECT_ID, Action.MAIL_SETTINGS_UPDATED),
    )
