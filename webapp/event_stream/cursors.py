"""The position of a reader in the event stream."""

from __future__ import annotations

import re
from dataclasses import dataclass

from webapp.audit.services import SHARDS
from webapp.core.errors import Refused
from webapp.core.texts import _

# The streams are the shards of the audit trail, and after them the security events.
SECURITY = SHARDS
STREAMS = SHARDS + 1
LATEST = "latest"
SEQ_MAX = 2**63 - 1
_CURSOR = re.compile(rf"v1(\.[0-9]{{1,19}}){{{STREAMS}}}")


@dataclass(frozen=True)
class Position:
    """For each stream, the number of the last event that the reader has.

    A cursor is not signed: readers keep it for longer than a secret key lasts, and a made-up one shows nothing more.
    """

    seqs: tuple[int, ...] = (0,) * STREAMS

    @classmethod
    def parse(cls, cursor: str) -> Position:
        """Raise Refused if the cursor is malformed."""
        seqs = tuple(map(int, cursor.split(".")[1:])) if _CURSOR.fullmatch(cursor) else ()
        if not seqs or max(seqs) > SEQ_MAX:
            raise Refused(
                _("This cursor is damaged. Send one from `next` of an answer."), field="after", code="bad_cursor"
            )
        return cls(seqs)

    def after(self, stream: int, seq: int) -> Position:
        return Position((*self.seqs[:stream], seq, *self.seqs[stream + 1 :]))

    def __str__(self) -> str:
        return ".".join(["v1", *map(str, self.seqs)])
