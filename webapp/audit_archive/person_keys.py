"""Encrypts the personal data of records in archives with a key of each person, which their erasure drops.

So an archive never has to be written again: without the key, the data in all copies of all files is gone.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Collection
from functools import partial
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from webapp.audit.archive_models import AuditArchiveKey
from webapp.audit_archive.file_type import altered
from webapp.audit_archive.locks import in_short_transaction
from webapp.db.session import db
from webapp.db.types import compact_json
from webapp.db.upserts import insert_into
from webapp.users.models import User

KEY_SIZE, NONCE_SIZE = 32, 12
# Keys in memory: about 150 bytes each.
CACHED_MAX = 200_000
IDS_MAX = 5000
# The key of a subject that is not a person: its data is not encrypted.
NO_KEY = b""


class PersonKeys:
    """Keys by the ID of the person, 32 hexadecimal digits. None: the person is erased."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes | None] = {}

    def create(self, ids: Collection[str], connection: Connection) -> None:
        """Load the keys of those who are people in this snapshot. Create those that are missing."""
        new = self._unknown(ids)
        for batch in _in_batches(new):
            query = select(User.id).where(User.id.in_(batch))
            people = sorted(connection.scalars(query))
            self._keys |= dict.fromkeys((each.hex for each in batch), NO_KEY)
            if people:
                self._keys |= in_short_transaction(partial(_created, people))

    def load(self, ids: Collection[str]) -> None:
        """Load the keys. Those that the database does not have are None.

        No transaction stays open, because the caller may read for minutes before it needs other keys.
        """
        for batch in _in_batches(self._unknown(ids)):
            self._keys |= dict.fromkeys(each.hex for each in batch)
            with db.engine.connect() as connection:
                self._keys |= _stored(batch, connection)

    def key(self, person_id: str | None) -> bytes | None:
        return NO_KEY if person_id is None else self._keys[person_id]

    def _unknown(self, ids: Collection[str]) -> list[str]:
        if len(self._keys) > CACHED_MAX:
            self._keys.clear()
        return sorted(each for each in set(ids) if each not in self._keys)


def seal(values: list[str], subject_key: bytes, actor_key: bytes, place: bytes) -> Any:
    """Encrypt values so that reading them takes both keys. Without keys, return them as they are.

    `place` names the record and the part. A sealed part is valid only there.
    """
    mark = ("s" if subject_key else "") + ("a" if actor_key else "")
    if not mark:
        return values
    nonce = os.urandom(NONCE_SIZE)
    sealed = _cipher(subject_key, actor_key).encrypt(nonce, compact_json(values).encode(), place)
    return f"{mark}:{base64.b64encode(nonce + sealed).decode()}"


def keys_needed(part: Any) -> str:
    """Return the letters of the keys of a sealed part: `s` of the subject, `a` of the actor."""
    return part.partition(":")[0] if isinstance(part, str) else ""


def unseal(part: Any, subject_key: bytes | None, actor_key: bytes | None, place: bytes) -> list[str] | None:
    """Return the values, or None if a key was dropped. Raise Damaged."""
    if not isinstance(part, str):
        return cast(list[str] | None, part)
    mark, _colon, sealed = part.partition(":")
    subject_key, actor_key = subject_key if "s" in mark else NO_KEY, actor_key if "a" in mark else NO_KEY
    if subject_key is None or actor_key is None:
        return None
    try:
        raw = base64.b64decode(sealed, validate=True)
        opened = _cipher(subject_key, actor_key).decrypt(raw[:NONCE_SIZE], raw[NONCE_SIZE:], place)
        return cast(list[str], json.loads(opened))
    except (InvalidTag, ValueError):
        raise altered() from None


def _cipher(subject_key: bytes, actor_key: bytes) -> AESGCM:
    both = subject_key and actor_key
    return AESGCM(sha256(subject_key + actor_key).digest() if both else subject_key or actor_key)


def _in_batches(ids: list[str]) -> list[list[UUID]]:
    return [[UUID(each) for each in ids[start : start + IDS_MAX]] for start in range(0, len(ids), IDS_MAX)]


def _created(people: list[UUID]) -> dict[str, bytes | None]:
    """Create missing keys and return all. A person who was erased meanwhile has a row without a key."""
    connection = db.session.connection()
    stored = _stored(people, connection)
    missing = [each for each in people if each.hex not in stored]
    if not missing:
        return stored
    rows = [{"person_id": each, "key": secrets.token_bytes(KEY_SIZE)} for each in missing]
    connection.execute(insert_into(AuditArchiveKey).on_conflict_do_nothing(), rows)
    return stored | _stored(missing, connection)


def _stored(people: list[UUID], connection: Connection) -> dict[str, bytes | None]:
    query = select(AuditArchiveKey.person_id, AuditArchiveKey.key).where(AuditArchiveKey.person_id.in_(people))
    return {row.person_id.hex: row.key for row in connection.execute(query)}
