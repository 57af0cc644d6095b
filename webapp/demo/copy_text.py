"""The rows of one batch of a crowd in the text format of PostgreSQL's COPY."""

from __future__ import annotations

from webapp.audit.chain import FIELDS_INDEX, Row
from webapp.demo.crowd import Crowd
from webapp.demo.trails import head_row


def copy_text(crowd: Crowd, batch: int) -> dict[str, bytes]:
    """Return the rows of the batch by table."""
    chain = crowd.chain(batch)
    users: list[str] = []
    records: list[str] = []
    details: list[str] = []
    for user, trail in crowd.rows(batch, chain):
        users.append(_line(user))
        for record, record_details in trail:
            fields = f"{{{','.join(record[FIELDS_INDEX])}}}"
            records.append(_line((*record[:FIELDS_INDEX], fields, *record[FIELDS_INDEX + 1 :])))
            details.append(_line(record_details))
    return {
        "users": "".join(users).encode(),
        "audit_records": "".join(records).encode(),
        "audit_details": "".join(details).encode(),
        "audit_heads": _line(head_row(chain)).encode() if chain.seq else b"",
    }


def _line(row: Row) -> str:
    # Demo texts have no tabs and no backslashes. `search_text` has line breaks.
    return "\t".join([r"\N" if value is None else str(value) for value in row]).replace("\n", r"\n") + "\n"
