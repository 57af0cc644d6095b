"""The page “Invite people”: paste addresses, see what becomes of each, send."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import Invalid, Refused, report_on_field
from webapp.core.permissions import Permission
from webapp.core.texts import _, language, ngettext
from webapp.users.checks import check_window
from webapp.users.choices import offer_access
from webapp.users.forms import InvitePeopleForm
from webapp.users.invite_people import InvitedLine, Outcome, invite_lines, read_lines
from webapp.web.guards import actor, check_confirmed, requires

invite_pages = Blueprint("invite_people", __name__, url_prefix="/invitations")


@invite_pages.get("/new")
@requires(Permission.USERS_CREATE)
def new() -> ResponseReturnValue:
    return _page(InvitePeopleForm())


@invite_pages.post("")
@requires(Permission.USERS_CREATE)
def create() -> ResponseReturnValue:
    """Show what would happen. Send if the button of that page was pressed."""
    form = InvitePeopleForm()
    try:
        lines = _checked_lines(form)
    except Refused as error:
        form.add_error(error)
        return _page(form), 422
    if form.errors:
        return _page(form), 422
    if "send" in request.form and request.form.get("previewed") == _fingerprint(lines):
        return _send(form, lines)
    return _page(form, lines)


def _send(form: InvitePeopleForm, lines: list[InvitedLine]) -> ResponseReturnValue:
    # Choose the language now: each transaction expires the signed-in user, and a later choice would load them again.
    language()
    invite_lines(lines, **form.access, by=actor())
    sent = [line for line in lines if line.outcome == Outcome.INVITED]
    if any(line.outcome == Outcome.REFUSED and line.key for line in lines):
        return _page(form, lines, sent=len(sent)), 422
    flash(ngettext("%(count)s person invited", "%(count)s people invited", len(sent), count=len(sent)), "success")
    return redirect(url_for("directory.index", sort="-created"), 303)


def _checked_lines(form: InvitePeopleForm) -> list[InvitedLine]:
    """Return the lines. Raise Invalid, or ConfirmationRequired if roles are given without a recent password."""
    form.validate()
    lines = read_lines(form.addresses.data or "") if not form.addresses.errors else []
    with report_on_field("ends_at"):
        check_window(None, form.ends_at.data)
    if form.roles.data:
        with report_on_field("roles"):
            check_confirmed()
    if lines and not any(line.outcome == Outcome.NEW for line in lines):
        reasons = "; ".join(dict.fromkeys(line.reason for line in lines))
        raise Invalid(_("There is no new person among these: %(reasons)s", reasons=reasons), field="addresses")
    return lines


def _page(form: InvitePeopleForm, lines: list[InvitedLine] | None = None, **values: Any) -> str:
    offer_access(form)
    new = sum(line.outcome == Outcome.NEW for line in lines or ())
    fingerprint = _fingerprint(lines or [])
    return render_template("invitations/new.html", form=form, lines=lines, new=new, fingerprint=fingerprint, **values)


def _fingerprint(lines: list[InvitedLine]) -> str:
    """Return what a preview showed, so that nothing else is sent."""
    return sha256("\n".join(f"{line.text} {line.outcome}" for line in lines).encode()).hexdigest()
