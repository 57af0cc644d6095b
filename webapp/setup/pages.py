"""The page of the first run."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import Gone, Refused
from webapp.core.texts import _
from webapp.setup.forms import FirstOwnerForm
from webapp.setup.services import SETUP, check_setup_token, create_first_owner
from webapp.signin.identity import client_address, start_browser_session
from webapp.users.queries import any_user_exists
from webapp.web.guards import public
from webapp.web.middleware import request_id

setup_pages = Blueprint("setup", __name__, url_prefix="/setup")


@setup_pages.errorhandler(Gone)
def gone(_error: Gone) -> ResponseReturnValue:
    return render_template("setup/gone.html", done=any_user_exists()), 410


@setup_pages.get("")
@public
def new() -> ResponseReturnValue:
    token = request.args.get("token", "")
    check_setup_token(token)
    return render_template("setup/new.html", form=FirstOwnerForm(), token=token)


@setup_pages.post("")
@public
def create() -> ResponseReturnValue:
    token = request.args.get("token", "")
    check_setup_token(token)
    form = FirstOwnerForm()
    if form.validate():
        try:
            by = replace(SETUP, address=client_address(), request_id=request_id())
            owner = create_first_owner(**form.values, by=by)
        except Gone:
            raise
        except Refused as error:
            form.add_error(error)
        else:
            start_browser_session(owner)
            flash(_("You are the first owner. Now add people."), "success")
            return redirect(url_for("directory.index"), 303)
    return render_template("setup/new.html", form=form, token=token), 422
