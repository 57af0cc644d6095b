"""One record as a line of JSON: the values of RECORD_COLUMNS, two parts of details, the hash of redacted details.

A part is null if it was erased before, an array if it is about no person, and else a text that `person_keys` encrypted.

- about: subject_label, changes, reason. It takes the key of the subject, and that of the actor unless KEPT_KINDS has
  the kind of the subject.
- by: actor_label, address, salt. It takes the keys of both. Without the salt, `details_hash` confirms no guessed name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from webapp.audit.chain import FIELDS_INDEX, HASHED_DETAILS, RECORD_COLUMNS
from webapp.audit.erasure import KEPT_KINDS
from webapp.audit_archive.file_type import altered
from webapp.audit_archive.person_keys import NO_KEY, PersonKeys, keys_needed, seal, unseal
from webapp.db.types import compact_json

_RECORD = len(RECORD_COLUMNS)
_ID, _ACTOR, _KIND, _SUBJECT = map(RECORD_COLUMNS.index, ("id", "actor_id", "subject_kind", "subject_id"))
ABOUT, BY = (1, 3, 4), (0, 2, 5)
_ABOUT, _BY, _REDACTED = _RECORD, _RECORD + 1, _RECORD + 2
_NOTHING = (None,) * len(HASHED_DETAILS)

Row = Sequence[Any]


def people_in(rows: Sequence[Row]) -> set[str]:
    """Return the IDs of all subjects and actors."""
    return {row[index] for row in rows for index in (_SUBJECT, _ACTOR) if row[index]}


def to_line(row: Row, keys: PersonKeys) -> str:
    """Return the line of a row of `record_batches`. `keys` has the keys of `people_in`."""
    record = list(row[:_RECORD])
    if isinstance(record[FIELDS_INDEX], str):
        record[FIELDS_INDEX] = json.loads(record[FIELDS_INDEX])
    about, by = _sealed_parts(record, row[_RECORD:-1], keys)
    return compact_json([*record, about, by, row[-1]])


def _sealed_parts(record: list[Any], details: Row, keys: PersonKeys) -> tuple[Any, Any]:
    subject, actor = record[_SUBJECT], record[_ACTOR]
    subject_key = keys.key(subject)
    # A change of oneself takes one key.
    actor_key = NO_KEY if actor == subject else keys.key(actor)
    is_kept = record[_KIND] in KEPT_KINDS
    if details[0] is None or subject_key is None or (actor_key is None and not is_kept):
        return None, None
    about_key = NO_KEY if is_kept else actor_key or NO_KEY
    about = seal([details[index] for index in ABOUT], subject_key, about_key, _place(record, "about"))
    if actor_key is None:
        return about, None
    return about, seal([details[index] for index in BY], subject_key, actor_key, _place(record, "by"))


def parsed_lines(lines: Sequence[str]) -> list[list[Any]]:
    """Return the values of each line. Raise Damaged if one has another form."""
    rows = []
    for line in lines:
        try:
            values = json.loads(line)
        except ValueError:
            raise altered() from None
        if not isinstance(values, list) or len(values) != _REDACTED + 1:
            raise altered()
        rows.append(values)
    return rows


def opened_rows(lines: Sequence[list[Any]], keys: PersonKeys) -> Iterator[Row]:
    """Yield the rows of these lines, as `record_batches` does. Details of erased people are None."""
    needed = {line[_SUBJECT] for line in lines if "s" in keys_needed(line[_ABOUT]) + keys_needed(line[_BY])}
    keys.load(needed | {line[_ACTOR] for line in lines if "a" in keys_needed(line[_ABOUT]) + keys_needed(line[_BY])})
    for line in lines:
        yield (*line[:_RECORD], *_opened(line, keys), line[_REDACTED])


def _opened(line: list[Any], keys: PersonKeys) -> Sequence[str | None]:
    marks = keys_needed(line[_ABOUT]) + keys_needed(line[_BY])
    subject_key = keys.key(line[_SUBJECT]) if "s" in marks else NO_KEY
    actor_key = keys.key(line[_ACTOR]) if "a" in marks else NO_KEY
    about = unseal(line[_ABOUT], subject_key, actor_key, _place(line, "about"))
    by = unseal(line[_BY], subject_key, actor_key, _place(line, "by"))
    if about is None or by is None:
        return _NOTHING
    return by[0], about[0], by[1], about[1], about[2], by[2]


def _place(record: Sequence[Any], part: str) -> bytes:
    return f"{record[_ID]} {part}".encode()
