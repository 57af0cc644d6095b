"""The only door into the audit trail; called inside the transaction of the change it tells of."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import delete, or_, select

from webapp.audit.chain import DETAILS, SEALED, moment_text
from webapp.audit.models import ADDRESS_MAX, LABEL_MAX, REASON_MAX, REQUEST_MAX, Action, AuditDetails, AuditRecord
from webapp.audit.writing import append
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.ids import new_id
from webapp.core.permissions import Actor, ActorKind
from webapp.core.text import cleaned
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import before_commit
from webapp.db.types import json_text
from webapp.settings import SettingsError

# Writers lock one each, chosen by chance: with so many they seldom wait for each other.
SHARDS = 16
# Their values are in no record, whoever passes them.
SECRETS = frozenset({"password", "password_hash"})
CHANGED = "changed"
# Changes whose form has a place to say why.
REASONABLE = frozenset(
    {
        Action.USER_UPDATED,
        Action.USER_DEACTIVATED,
        Action.USER_REACTIVATED,
        Action.USER_DELETED,
        Action.USER_PURGED,
        Action.ROLE_GRANTED,
        Action.ROLE_UPDATED,
        Action.ROLE_DELETED,
        Action.GROUP_DELETED,
    }
)

Value = str | list[str] | None
Changes = dict[str, tuple[Value, Value]]


class Subject(Protocol):
    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True)
class Draft:
    """A record that waits for the end of its transaction: the values of SEALED and DETAILS."""

    id: UUID
    sealed: list[Any]
    details: list[str]


@dataclass
class Act:
    """What the records of one act share, which they are, and what each of them tells: field → [before, after]."""

    batch_id: UUID
    reason: str
    undoes_id: UUID | None
    record_ids: list[UUID] = field(default_factory=list)
    told: list[dict[str, list[Value]]] = field(default_factory=list)


def record(
    action: Action,
    *,
    subject: Subject,
    by: Actor,
    changes: Mapping[str, tuple[Value, Value]] | None = None,
    kind: str = "user",
    label: str | None = None,
    reason: str = "",
) -> UUID:
    """Writes one record at the end of this transaction; its id. `changes` is field → (before, after).

    `label` is what people call the subject, by default its name.
    """
    act: Act | None = db.session.info.get("act")
    kept = {name: _kept(name, pair) for name, pair in (changes or {}).items()}
    record_id = new_id()
    sealed = _sealed(action, record_id, by, kind, subject.id, list(kept), act)
    details = {
        "actor_label": by.label[:LABEL_MAX],
        "subject_label": str(getattr(subject, "name", "") if label is None else label)[:LABEL_MAX],
        "address": by.address[:ADDRESS_MAX],
        "changes": json_text(kept),
        "reason": checked_reason(action, reason or by.reason or (act.reason if act else ""), by=by),
        "salt": secrets.token_hex(16),
    }
    if act:
        # Only the first record of an act takes another one back.
        act.undoes_id = None
        act.record_ids.append(record_id)
        act.told.append(kept)
    before_commit(_seal, Draft(record_id, sealed, [details[name] for name in DETAILS]))
    return record_id


def _sealed(
    action: Action, record_id: UUID, by: Actor, kind: str, subject_id: UUID, fields: list[str], act: Act | None
) -> list[Any]:
    """What is never erased: the values of SEALED."""
    sealed = {
        "id": record_id.hex,
        "at": moment_text(now()),
        "action": action.value,
        "actor_kind": by.kind.value,
        "actor_id": by.id and by.id.hex,
        "token_id": by.token_id and by.token_id.hex,
        "subject_kind": kind,
        "subject_id": subject_id.hex,
        "request_id": by.request_id[:REQUEST_MAX],
        "fields": fields,
        "undoes_id": act and act.undoes_id and act.undoes_id.hex,
        "batch_id": act and act.batch_id.hex,
    }
    return [sealed[name] for name in SEALED]


def check_reason_settings(names: Collection[str]) -> None:
    """Raises SettingsError for a name in REASON_REQUIRED that is no action with a reason field."""
    if unknown := set(names) - REASONABLE:
        known = ", ".join(sorted(REASONABLE))
        raise SettingsError(f"REASON_REQUIRED names {', '.join(sorted(unknown))}; what can ask for a reason: {known}.")


def reason_required(action: str) -> bool:
    """Whether people have to give a reason for this action."""
    return action in current_settings().reason_required


def checked_reason(action: Action, text: str, *, by: Actor) -> str:
    """The reason as it is kept. Raises Invalid for one that is too long, or missing where the settings ask for it."""
    reason = cleaned(text, field="reason")
    if len(reason) > REASON_MAX:
        raise Invalid(_("Use at most %(max)s characters.", max=REASON_MAX), field="reason", code="length")
    if not reason and reason_required(action) and by.kind in {ActorKind.USER, ActorKind.TOKEN}:
        raise Invalid(_("Say why: this change asks for a reason."), field="reason", code="required")
    return reason


@contextmanager
def one_act(*, reason: str = "", undoes: UUID | None = None, batch_id: UUID | None = None) -> Iterator[Act]:
    """What is recorded inside is one act: its records share an id and the reason.

    The first of them takes back the record `undoes`. An act that goes on over several transactions gives its
    `batch_id` to each; one inside another has that one's.
    """
    before: Act | None = db.session.info.get("act")
    act = Act(batch_id or (before.batch_id if before else new_id()), reason, undoes)
    db.session.info["act"] = act
    try:
        yield act
    finally:
        db.session.info["act"] = before


def recorded() -> list[UUID]:
    """The records that the last transaction of this request or command wrote, in their order."""
    return list(db.session.info.get("recorded", []))


def erase_details_of(person_id: UUID) -> None:
    """Erases who, what and from where of every record by or about a person; that it happened, and when, stays.

    Belongs into the transaction that records `user.purged` of them: without it the chain's check complains.
    """
    theirs = select(AuditRecord.id).where(or_(AuditRecord.subject_id == person_id, AuditRecord.actor_id == person_id))
    db.session.execute(
        delete(AuditDetails).where(AuditDetails.record_id.in_(theirs)), execution_options={"synchronize_session": False}
    )


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> Changes:
    """The fields that differ, as `record` wants them."""
    return {name: (_text(before.get(name)), _text(value)) for name, value in after.items() if before.get(name) != value}


def _text(value: object) -> Value:
    if value is None:
        return None
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value.value) if isinstance(value, StrEnum) else str(value)


def _kept(name: str, pair: tuple[Value, Value]) -> list[Value]:
    return [None, CHANGED] if name in SECRETS else list(pair)


def _seal(drafts: list[Draft]) -> None:
    """Chains the records of a transaction to one shard, which is locked from here to the commit, and writes them."""
    append(db.session.connection(), secrets.randbelow(SHARDS), [(draft.sealed, draft.details) for draft in drafts])
    db.session.info["recorded"] = [draft.id for draft in drafts]
