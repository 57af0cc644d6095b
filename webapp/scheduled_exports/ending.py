"""How a run of a scheduled export ends, and the e-mail about it."""

from __future__ import annotations

from webapp.core.context import current_settings
from webapp.core.formats import format_number
from webapp.core.texts import _
from webapp.mail.messages import Message
from webapp.mail.services import send_message
from webapp.recurring.services import pause_without_owner
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import ExportRun, RunOutcome, ScheduledExport, Target
from webapp.users.models import User
from webapp.users.notices import people_to_notify, recipient_of


def end_run(run: ExportRun, export: ScheduledExport, outcome: RunOutcome, message: str = "") -> None:
    """Keep how the run ended. Mail the link to the file, or why there is none. Call it in a transaction."""
    run.end(export, outcome, message)
    if export.deleted_at is None and (outcome is RunOutcome.FAILED or export.target == Target.MAIL):
        for person in people_to_notify(export.requested_by_id):
            _send(person, run, export)


def stop_export(run: ExportRun, export: ScheduledExport, reason: str) -> None:
    """Pause an export whose owner may no longer have its file, and end its run."""
    pause_without_owner(EXPORTS, export, reason)
    end_run(run, export, RunOutcome.FAILED, reason)


def _send(person: User, run: ExportRun, export: ScheduledExport) -> None:
    """The e-mail has a link and no data of people: a file in a mailbox cannot be taken back."""
    is_done = run.outcome == RunOutcome.DONE

    def build() -> Message:
        if is_done:
            text = _("The file is ready. Sign in to download it. Only you can, and only while you may see its people.")
            facts = [(str(_("File")), run.filename), (str(_("People")), format_number(run.people))]
        else:
            text, facts = _("The export could not be created."), []
        path = f"jobs/{run.job_id}" if is_done else f"exports/{export.id}"
        return Message(
            subject=export.name if is_done else str(_("Export failed: %(name)s", name=export.name)),
            paragraphs=[str(text), *([run.message] if run.message else [])],
            facts=facts,
            button=str(_("Download file") if is_done else _("See the export")),
            address=f"{current_settings().base_url}/{path}",
        )

    send_message(recipient_of(person), build, by=EXPORTS.actor)
