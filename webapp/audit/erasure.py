"""Erase a person from the audit trail (docs/design/audit-chain.md)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, insert, not_, or_, select

from webapp.audit.archives import erase_from_archives
from webapp.audit.chain import HASHED_DETAILS, hash_of_details, redaction_text
from webapp.audit.models import REDACTIONS_HASH, AuditDetails, AuditRecord, AuditRedaction
from webapp.audit.services import Changes
from webapp.core.erasure import pseudonym_of
from webapp.db.session import NO_SYNC, db
from webapp.db.types import compact_json

BATCH_SIZE = 5000
# The kind of the subject of records about archives.
ARCHIVE = "archive"
# Access reviews compute the past of these from the changes in the trail. `audit verify` needs those of archives.
KEPT_KINDS = ("user", "role", "group", "attribute", ARCHIVE)


def erase_details_of(person_id: UUID) -> Changes:
    """Delete the details about this person, and replace their name on their changes of others by a pseudonym.

    Call it in the transaction that records `user.purged` for the person, with the result as its changes. Otherwise
    `audit verify` reports the details.
    """
    erase_from_archives(person_id)
    changed_others = and_(
        AuditRecord.actor_id == person_id,
        AuditRecord.subject_id != person_id,
        AuditRecord.subject_kind.in_(KEPT_KINDS),
    )
    theirs = or_(AuditRecord.subject_id == person_id, AuditRecord.actor_id == person_id)
    erased = select(AuditRecord.id).where(theirs, not_(changed_others))
    db.session.execute(delete(AuditDetails).where(AuditDetails.record_id.in_(erased)), execution_options=NO_SYNC)
    digest, is_redacted = sha256(), False
    for batch in _batches(changed_others):
        is_redacted = True
        for row in _replace_name(batch, person_id):
            digest.update(redaction_text(row["record_id"].hex, row["details_hash"]))
    db.session.expire_all()
    return {REDACTIONS_HASH: (None, digest.hexdigest())} if is_redacted else {}


def _batches(condition: Any) -> Iterator[Sequence[Any]]:
    query = (
        select(AuditDetails.record_id, AuditDetails.subject_label, AuditDetails.changes, AuditDetails.reason)
        .join(AuditRecord, AuditRecord.id == AuditDetails.record_id)
        .where(condition)
        .order_by(AuditRecord.id)
        .limit(BATCH_SIZE)
    )
    last = UUID(int=0)
    while batch := db.session.execute(query.where(AuditRecord.id > last)).all():
        yield batch
        last = batch[-1].record_id


def _replace_name(batch: Sequence[Any], person_id: UUID) -> list[dict[str, Any]]:
    """Replace the name of the actor in these details by a pseudonym. Return the new rows of AuditRedaction."""
    redacted = [_redact(details, pseudonym=pseudonym_of(person_id)) for details in batch]
    redactions = [
        {"record_id": row["record_id"], "details_hash": _hash(row), "actor_id": person_id} for row in redacted
    ]
    # The role of docs/deployment.md can delete and insert details, but not update them.
    ids = [details.record_id for details in batch]
    db.session.execute(delete(AuditDetails).where(AuditDetails.record_id.in_(ids)), execution_options=NO_SYNC)
    db.session.execute(insert(AuditDetails), redacted)
    db.session.execute(insert(AuditRedaction), redactions)
    return redactions


def _redact(details: Any, *, pseudonym: str) -> dict[str, Any]:
    # With the old salt, the old hash would confirm a guessed name.
    return {
        "record_id": details.record_id,
        "actor_label": pseudonym,
        "subject_label": details.subject_label,
        "address": "",
        "changes": details.changes,
        "reason": details.reason,
        "salt": secrets.token_hex(16),
    }


def _hash(row: dict[str, Any]) -> str:
    """Return the hash of the values of HASHED_DETAILS."""
    texts = row | {"changes": compact_json(row["changes"])}
    return hash_of_details([texts[name] for name in HASHED_DETAILS])
