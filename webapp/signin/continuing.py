"""Where people go on after they signed in or confirmed who they are: the wanted page, or the form that was kept."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webapp.signin.identity import set_session_token
from webapp.signin.kept_fields import shown_fields
from webapp.signin.sessions import sign_out
from webapp.web.error_pages import csrf_problem, handle_http, referrer
from webapp.web.forms import safe_next
from webapp.web.guards import actor
from webapp.web.kept_forms import continue_page, kept_field, read_kept, sent_form


def carried_fields() -> dict[str, str | None]:
    """Return where to go after this form, and the form that is kept until then."""
    back = referrer() if request.method == "POST" else request.args.get("next")
    return {"next": back, "kept": kept_field()}


def finish_sign_in(token: str, form: Any) -> ResponseReturnValue:
    """Put the token of a new session into the cookie and go on. An older session ends."""
    if current_user.is_authenticated:
        sign_out(current_user.token, by=actor())
    set_session_token(token)
    return go_on(form)


def go_on(form: Any) -> ResponseReturnValue:
    """Show the form that `form` keeps, or go to the wanted page."""
    back = _wanted_page(form)
    kept = read_kept(form.kept.data)
    return continue_page(kept, back=back, fields=shown_fields(kept)) if kept else redirect(back, 303)


def form_with_new_csrf_token(form: Any, template: str, error: CSRFError) -> ResponseReturnValue:
    """Show the form again with what was typed. In a second tab, the person may be signed in already."""
    if current_user.is_authenticated:
        return redirect(_wanted_page(form), 303)
    form.form_errors.append(csrf_problem(error))
    return render_template(template, form=form), 400


def continue_with_new_csrf_token(error: CSRFError) -> ResponseReturnValue:
    """Show a form that was opened before the person signed in again. One click sends it with a new token."""
    kept = read_kept(sent_form()) if current_user.is_authenticated else None
    if kept is None:
        return handle_http(error)
    g.refused = type(error).__name__
    back = safe_next(referrer(), url_for("dashboard.show"))
    return continue_page(kept, back=back, fields=shown_fields(kept)), 400


def _wanted_page(form: Any) -> str:
    return safe_next(form.next.data, url_for("dashboard.show"))
