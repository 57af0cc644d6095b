"""The job that makes and drops the indexes of attributes."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import func, select, text, update

from webapp.attributes.indexing import reconcile_index
from webapp.attributes.models import INDEX_JOB, USERS, Attribute
from webapp.core.clock import now
from webapp.core.formats import format_number
from webapp.core.texts import LOCALES, _, ngettext, use_language
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind

# Until it is looked again whether another job is done with the same index.
PATIENCE = 1.0


@job_kind(INDEX_JOB, label=_("Index of an attribute"))
def index(run: JobRun) -> None:
    """Brings about what the attribute says at this moment, so that of several jobs about it the last one is right."""
    _take_time()
    attribute = db.session.get(Attribute, UUID(run.arguments["attribute"]), populate_existing=True)
    if attribute is None:
        run.finish()
        return
    wanted = attribute.sortable and attribute.deleted_at is None
    with use_language(run.arguments["locale"] if run.arguments.get("locale") in LOCALES else "en"):
        if run.checkpoint is None:
            people = db.session.scalar(select(func.count()).select_from(USERS)) or 0
            run.add_message(_beginning(attribute, people) if wanted else _dropping(attribute))
            run.advance({"people": people}, total=people)
            return
        if not reconcile_index(attribute, wanted=wanted):
            time.sleep(PATIENCE)
            run.advance({**run.checkpoint, "waited": run.checkpoint.get("waited", 0) + 1})
            return
        if wanted:
            _note_index(attribute)
            run.add_message(str(_("You can now sort the list by %(label)s", label=attribute.label)))
    run.finish(people=run.checkpoint["people"])


def _beginning(attribute: Attribute, people: int) -> str:
    words = ngettext(
        "Creating the index of %(label)s for %(count)s person",
        "Creating the index of %(label)s for %(count)s people",
        people,
        label=attribute.label,
        count=format_number(people),
    )
    return str(words)


def _dropping(attribute: Attribute) -> str:
    return str(_("You can no longer sort the list by %(label)s", label=attribute.label))


def _note_index(attribute: Attribute) -> None:
    """Unless it is not wanted any more: no open form becomes stale by it."""
    still = (Attribute.id == attribute.id) & Attribute.sortable & (Attribute.kind == attribute.kind)
    still &= Attribute.deleted_at.is_(None)
    db.session.execute(
        update(Attribute).where(still).values(indexed_at=now()), execution_options={"synchronize_session": False}
    )


def _take_time() -> None:
    """However long it takes: nobody waits for this transaction."""
    if db.engine.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            db.session.execute(text(f"SET LOCAL {limit} = 0"))
