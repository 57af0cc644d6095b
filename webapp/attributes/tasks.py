"""The job that creates and drops the indexes of attributes."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import func, select, text, update

from webapp.attributes.indexing import reconcile_index
from webapp.attributes.models import INDEX_JOB, USERS, Attribute
from webapp.core.clock import now
from webapp.core.formats import format_number
from webapp.core.texts import LOCALES, _, ngettext, use_language
from webapp.db.session import NO_SYNC, db
from webapp.jobs.kinds import JobRun, job_kind

# The wait before another attempt, if another job is building the same index.
RETRY_SECONDS = 1.0


@job_kind(INDEX_JOB, label=_("Index of an attribute"))
def index(run: JobRun) -> None:
    """Create or drop the index, as the definition of the attribute requires when the job runs.

    If several changes of one attribute enqueue jobs, each of them leads to the same state.
    """
    _remove_time_limits()
    attribute = db.session.get(Attribute, UUID(run.arguments["attribute"]), populate_existing=True)
    if attribute is None:
        run.finish()
        return
    wanted = attribute.sortable and attribute.deleted_at is None
    with use_language(run.arguments["locale"] if run.arguments.get("locale") in LOCALES else "en"):
        if run.checkpoint is None:
            people = db.session.scalar(select(func.count()).select_from(USERS)) or 0
            run.add_message(_creating_message(attribute, people) if wanted else _dropping_message(attribute))
            run.advance({"people": people}, total=people)
            return
        if not reconcile_index(attribute, wanted=wanted):
            time.sleep(RETRY_SECONDS)
            run.advance({**run.checkpoint, "waited": run.checkpoint.get("waited", 0) + 1})
            return
        if wanted:
            _set_indexed_at(attribute)
            run.add_message(str(_("You can now sort the list by %(label)s", label=attribute.label)))
    run.finish(people=run.checkpoint["people"])


def _creating_message(attribute: Attribute, people: int) -> str:
    message = ngettext(
        "Creating the index of %(label)s for %(count)s person",
        "Creating the index of %(label)s for %(count)s people",
        people,
        label=attribute.label,
        count=format_number(people),
    )
    return str(message)


def _dropping_message(attribute: Attribute) -> str:
    return str(_("You can no longer sort the list by %(label)s", label=attribute.label))


def _set_indexed_at(attribute: Attribute) -> None:
    """Let lists sort by the attribute, unless a change made the index unnecessary while it was built.

    The version of the attribute stays the same, so that open edit forms stay valid.
    """
    still_needed = (Attribute.id == attribute.id) & Attribute.sortable & (Attribute.kind == attribute.kind)
    still_needed &= Attribute.deleted_at.is_(None)
    statement = update(Attribute).where(still_needed).values(indexed_at=now())
    db.session.execute(statement, execution_options=NO_SYNC)


def _remove_time_limits() -> None:
    """Building an index can take long, and no other transaction waits for this one."""
    if db.engine.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            db.session.execute(text(f"SET LOCAL {limit} = 0"))
