"""The page of an import after its columns are mapped: progress, preview, result."""

from __future__ import annotations

from flask import render_template, request

from webapp.audit.actions import Action
from webapp.audit.reasons import reason_required
from webapp.bulk.job_progress import JobProgress, progress_of
from webapp.imports.guards import is_own
from webapp.imports.labels import MODE_LABELS, STATE_LABELS
from webapp.imports.models import APPLIED_CHANGES, NOT_IMPORTED, PLANNED_CHANGES, Import, Outcome, State
from webapp.imports.queries import has_unread_rows
from webapp.imports.rows_table import rows_table
from webapp.imports.schemas import RowsQuery
from webapp.imports.services import recorded_actions
from webapp.web.forms import Form
from webapp.web.guards import check_confirmed
from webapp.web.paging import parse_query_parameters


def show_page(imported: Import, *, errors: Form | None = None) -> str:
    own = is_own(imported)
    if own and imported.state == State.PLANNED and request.method == "GET" and imported.count(*PLANNED_CHANGES):
        check_confirmed()
    return render_template(
        "imports/show.html",
        imported=imported,
        is_own=own,
        errors=errors or Form(),
        state_label=STATE_LABELS[imported.state],
        mode_label=MODE_LABELS[imported.mode],
        progress=progress_of(imported.job_id, is_running=imported.is_running),
        mail_out=_mail_out(imported),
        reason_action=_reason_action(imported),
        to_change=imported.count(*PLANNED_CHANGES),
        changed=imported.count(*APPLIED_CHANGES),
        not_imported=imported.count(*NOT_IMPORTED),
        # Then no one is deactivated.
        has_unread_rows=imported.missing > 0 and has_unread_rows(imported),
        table=rows_table(imported, parse_query_parameters(RowsQuery)),
        outcomes=Outcome,
    )


def _mail_out(imported: Import) -> JobProgress | None:
    """Return the progress of the invitations, if the import sends some."""
    if imported.invitations_job_id is None:
        return None
    return progress_of(imported.invitations_job_id, is_running=imported.state == State.APPLIED)


def _reason_action(imported: Import) -> str:
    """Return an action whose record requires a reason, or one for which it is optional."""
    return next(filter(reason_required, recorded_actions(imported)), Action.USER_CREATED)
