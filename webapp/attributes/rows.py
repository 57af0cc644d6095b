"""The rows of the settings pages of attributes, as templates print them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from webapp.attributes.models import KIND_LABELS, Attribute, Editable, Kind, Visible
from webapp.core.texts import _
from webapp.jobs.models import Job, State


@dataclass(frozen=True)
class IndexState:
    """Whether the index of an attribute is ready. `job_id`: the job that builds it, if the viewer can open it."""

    ready: bool
    failed: bool = False
    job_id: UUID | None = None


def index_state(attribute: Attribute, job: Job | None, *, viewer_id: UUID | None, sees_jobs: bool) -> IndexState | None:
    """Return None if the attribute is not sortable. `job`: the newest job of its index.

    The viewer can open the job if they requested it, or if they can see all jobs.
    """
    if not attribute.sortable:
        return None
    if attribute.indexed_at:
        return IndexState(ready=True)
    if job is None:
        return IndexState(ready=False)
    can_open_job = sees_jobs or job.requested_by_id == viewer_id
    return IndexState(False, job.state in {State.FAILED, State.CANCELLED}, job.id if can_open_job else None)


@dataclass(frozen=True)
class AttributeRow:
    """`access`: who sees and edits the values, or an empty string for the default."""

    id: UUID
    key: str
    label: str
    kind: str
    access: str
    required: bool
    unique: bool
    index: IndexState | None


def attribute_row(attribute: Attribute, index: IndexState | None) -> AttributeRow:
    return AttributeRow(
        id=attribute.id,
        key=attribute.key,
        label=attribute.label,
        kind=KIND_LABELS[Kind(attribute.kind)],
        access=_access(attribute),
        required=attribute.required,
        unique=attribute.unique,
        index=index,
    )


def _access(attribute: Attribute) -> str:
    if attribute.visible_to == Visible.ADMINISTRATORS:
        return _("Only for people who can change settings")
    if attribute.editable_by == Editable.ADMINISTRATORS:
        return _("Only people who can change settings edit it")
    return _("The user can edit it") if attribute.editable_by == Editable.THEMSELVES else ""
