"""The dashboard, and the form that requests the report of dormant accounts."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.audit.archives import archived_before
from webapp.backups.queries import backup_state
from webapp.core.clock import now
from webapp.core.errors import NotSignedIn
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.dashboard.cards import (
    Attention,
    DormantCard,
    change_rows,
    export_attention,
    feed_attention,
    growth_card,
    role_rows,
    sign_in_card,
)
from webapp.dashboard.dormant import count_dormant, find_newest_report
from webapp.dashboard.first_steps import first_steps
from webapp.dashboard.growth import list_weeks
from webapp.dashboard.recent import ending_soon, latest_changes
from webapp.dashboard.reports import start_dormant_report
from webapp.dashboard.second_factors import count_unprotected
from webapp.dashboard.sign_ins import list_days
from webapp.dashboard.totals import get_totals, list_role_shares
from webapp.feeds.queries import feeds_with_problems
from webapp.invitations.queries import count_invitations
from webapp.recurring.queries import rows_with_problems
from webapp.scheduled_exports.kind import EXPORTS
from webapp.users.queries import any_user_exists
from webapp.users.seen import record_seen
from webapp.web.guards import actor, can, public, reach, redirect_to_required_step, requires
from webapp.web.languages import text_direction
from webapp.web.replicas import from_replica

dashboard_pages = Blueprint("dashboard", __name__)


@dashboard_pages.get("/")
@public
@from_replica
def show() -> ResponseReturnValue:
    """Show the dashboard, or redirect people who cannot read all users to a page that they can open.

    Without any user, redirect to the page that says where the set-up link is.
    """
    if not current_user.is_authenticated:
        if not any_user_exists():
            return redirect(url_for("setup.new"), 303)
        raise NotSignedIn(_("Sign in to continue"))
    if step := redirect_to_required_step():
        return step
    if not can(Permission.USERS_READ):
        return redirect(url_for("account.show"))
    if reach(Permission.USERS_READ) is not None:
        return redirect(url_for("directory.index"))
    right_to_left, totals = text_direction() == "rtl", get_totals()
    sees_changes = can(Permission.AUDIT_READ, everywhere=True)
    return render_template(
        "dashboard/show.html",
        steps=first_steps(current_user.user, current_user.powers),
        totals=totals,
        growth=growth_card(list_weeks(), archived_before=archived_before(), right_to_left=right_to_left),
        roles=role_rows(list_role_shares(), totals, right_to_left=right_to_left),
        sign_ins=sign_in_card(list_days(), right_to_left=right_to_left),
        ending=ending_soon(),
        changes=change_rows(latest_changes()) if sees_changes else None,
        invitations=count_invitations(),
        unprotected=count_unprotected(),
        backup=backup_state() if can(Permission.SETTINGS_MANAGE, everywhere=True) else None,
        attention=_attention(),
        dormant=DormantCard(count_dormant(), find_newest_report(requested_by_id=actor().id)),
    )


def _attention() -> list[Attention]:
    """Return the feeds, and the viewer's scheduled exports, that a person should look at."""
    found = []
    if can(Permission.IMPORTS_RUN, everywhere=True) and (feeds := feeds_with_problems()):
        found.append(feed_attention(feeds))
    if can(Permission.USERS_EXPORT) and (exports := rows_with_problems(EXPORTS, owner_id=actor().id)):
        found.append(export_attention(exports))
    return found


@dashboard_pages.post("/first-steps/closure")
@requires(Permission.USERS_READ, everywhere=True)
def close_steps() -> ResponseReturnValue:
    record_seen(current_user.user.id, steps_closed_at=now())
    return redirect(url_for("dashboard.show"), 303)


@dashboard_pages.post("/reports/dormant")
@requires(Permission.USERS_READ, everywhere=True)
def report() -> ResponseReturnValue:
    return redirect(url_for("jobs.show", job_id=start_dormant_report(by=actor()).id), 303)
