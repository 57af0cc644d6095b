"""Pages of one's own factors: app, passkeys, recovery codes."""

from __future__ import annotations

from uuid import UUID

import segno
from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.context import current_settings
from webapp.core.errors import Gone, Invalid, NotFound, Stale
from webapp.core.texts import _, ngettext
from webapp.factors.browser import REGISTER, ceremony
from webapp.factors.forms import CodeForm, FactorForm, NewPasskeyForm, PasskeyNameForm
from webapp.factors.passkey_options import registration_options
from webapp.factors.passkeys import add_passkey, rename_passkey
from webapp.factors.queries import factor_summary, get_passkey, pending_seed
from webapp.factors.recovery_codes import CODES, create_recovery_codes, is_recovery_code
from webapp.factors.saving import TOTP
from webapp.factors.services import remove_factor
from webapp.factors.totp import confirm_totp, start_totp, totp_address
from webapp.mail.queries import get_organisation
from webapp.users.queries import parse_uuid
from webapp.web.forms import catch_invalid
from webapp.web.guards import actor, confirmed, public, signed_in

factor_pages = Blueprint("factors", __name__, url_prefix="/account/factors")


@factor_pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    return render_template("factors/index.html", factors=factor_summary(current_user.id), user=current_user.user)


@factor_pages.get("/passkeys/new")
@confirmed
def new_passkey() -> ResponseReturnValue:
    return render_template("factors/new_passkey.html", form=NewPasskeyForm())


@factor_pages.get("/passkeys/options")
@signed_in
def passkey_options() -> ResponseReturnValue:
    """Return what the browser needs to create a passkey, as JSON."""
    return jsonify(registration_options(current_user.user, bound_to=ceremony(REGISTER)))


@factor_pages.post("/passkeys")
@confirmed
def create_passkey() -> ResponseReturnValue:
    form = NewPasskeyForm()
    if form.validate():
        sent = {"credential": form.credential.data, "bound_to": ceremony(REGISTER)}
        try:
            passkey = add_passkey(current_user.id, **sent, by=actor())
        except (Invalid, Gone) as error:
            form.add_error(error)
        else:
            flash(_("Passkey “%(name)s” added", name=passkey.name), "success")
            return _added(form)
    return render_template("factors/new_passkey.html", form=form), 422


@factor_pages.get("/passkeys/<uuid:passkey_id>/name")
@signed_in
def edit_passkey(passkey_id: UUID) -> ResponseReturnValue:
    passkey = get_passkey(current_user.id, passkey_id)
    return render_template("factors/rename_passkey.html", form=PasskeyNameForm(obj=passkey), passkey=passkey)


@factor_pages.post("/passkeys/<uuid:passkey_id>/name")
@signed_in
def name_passkey(passkey_id: UUID) -> ResponseReturnValue:
    passkey, form = get_passkey(current_user.id, passkey_id), PasskeyNameForm()
    if form.validate():
        try:
            rename_passkey(current_user.id, passkey_id, name=form.name.data, by=actor())
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("Passkey renamed"), "success")
            return redirect(url_for("factors.index"), 303)
    return render_template("factors/rename_passkey.html", form=form, passkey=passkey), 422


@factor_pages.post("/totp")
@confirmed
def start_app() -> ResponseReturnValue:
    """Create the seed of an app, and show it."""
    start_totp(current_user.id)
    return redirect(url_for("factors.set_up_app"), 303)


@factor_pages.get("/totp")
@confirmed
def set_up_app() -> ResponseReturnValue:
    return _app_page(CodeForm(), 200)


@factor_pages.post("/totp/confirmation")
@confirmed
def confirm_app() -> ResponseReturnValue:
    """Make the app count, once it shows the right code."""
    form = CodeForm()
    if form.validate():
        try:
            confirm_totp(current_user.id, code=form.code.data, by=actor())
        except Invalid as error:
            form.add_error(error)
        except Stale:
            # The form was sent twice, or its set-up has to start again: the page of all factors shows which.
            return redirect(url_for("factors.index"), 303)
        else:
            flash(_("Authenticator app added"), "success")
            return _added(form)
    return _app_page(form, 422)


def _added(form: FactorForm) -> ResponseReturnValue:
    """Go on after a factor was added: to recovery codes if there are none."""
    _end_sessions(form)
    left = factor_summary(current_user.id).codes_left
    return redirect(url_for("factors.index" if left else "factors.recovery_codes"), 303)


def _end_sessions(form: FactorForm) -> None:
    """End the other sessions if the form asks for it."""
    if form.end_sessions.data:
        count = current_user.end_other_sessions()
        flash(ngettext("%(count)s session ended", "%(count)s sessions ended", count, count=count), "success")


def _app_page(form: CodeForm, status: int) -> ResponseReturnValue:
    """Show the seed, or lead to all factors if the person does not set up an app now."""
    seed = pending_seed(current_user.id)
    if seed is None:
        return redirect(url_for("factors.index"), 303)
    issuer = get_organisation().name or "Rollcall"
    code = segno.make(totp_address(seed, email=current_user.user.email, issuer=issuer), error="m", micro=False)
    # Cameras need dark on light, in the dark theme too.
    image = code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    key = " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))
    return render_template("factors/set_up_app.html", form=form, image=image, key=key), status


@factor_pages.get("/recovery-codes")
@signed_in
def recovery_codes() -> ResponseReturnValue:
    factors = factor_summary(current_user.id)
    return render_template("factors/recovery_codes.html", factors=factors, form=FactorForm())


@factor_pages.post("/recovery-codes")
@confirmed
def new_recovery_codes() -> ResponseReturnValue:
    """Replace the recovery codes. This answer is the only one that shows them."""
    codes = create_recovery_codes(current_user.id, by=actor())
    _end_sessions(FactorForm())
    return render_template("factors/new_recovery_codes.html", codes=codes)


@factor_pages.post("/recovery-codes/file")
@signed_in
def recovery_code_file() -> ResponseReturnValue:
    """Return the codes that the form sends, as a text file. The database cannot show them again."""
    codes = request.form.getlist("code")
    if not 0 < len(codes) <= CODES or not all(map(is_recovery_code, codes)):
        raise Invalid(_("These are not recovery codes"))
    heading = str(_("Recovery codes of %(email)s for Rollcall", email=current_user.user.email))
    response = Response("\r\n".join([heading, "", *codes, ""]), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="rollcall-recovery-codes.txt"'
    return response


@factor_pages.get("/<factor>/removal")
@confirmed
def removal(factor: str) -> ResponseReturnValue:
    return _removal_page(factor, FactorForm())


@factor_pages.post("/<factor>/removal")
@confirmed
def remove(factor: str) -> ResponseReturnValue:
    form = FactorForm()
    if catch_invalid(form, lambda: remove_factor(current_user.id, factor, by=actor()) or True):
        flash(_("Authenticator app removed") if factor == TOTP else _("Passkey removed"), "success")
        _end_sessions(form)
        return redirect(url_for("factors.index"), 303)
    return _removal_page(factor, form), 422


def _removal_page(factor: str, form: FactorForm) -> str:
    passkey = None if factor == TOTP else get_passkey(current_user.id, parse_uuid(factor))
    if factor == TOTP and factor_summary(current_user.id).totp is None:
        raise NotFound(_("This authenticator app does not exist"))
    return render_template("factors/remove.html", form=form, passkey=passkey, factor=factor)


well_known_pages = Blueprint("well_known", __name__, url_prefix="/.well-known")


@well_known_pages.get("/passkey-endpoints")
@public
def passkey_endpoints() -> ResponseReturnValue:
    """Lead password managers to the page (https://w3c.github.io/webappsec-passkey-endpoints/)."""
    page = current_settings().base_url + url_for("factors.index")
    return jsonify(enroll=page, manage=page)
