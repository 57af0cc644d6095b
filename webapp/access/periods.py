"""What grants and memberships have in common: a period, and a key that allows one of a kind at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from webapp.access.models import FOREVER, Membership, RoleGrant
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound, Taken
from webapp.core.moments import OUT_OF_RANGE, is_in_range
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import db


def validate_period(starts_at: datetime | None, ends_at: datetime | None) -> dict[str, datetime | None]:
    """Return the columns of the period. Without a start, or with a past one, it starts now.

    Raise Invalid if it ends too early.
    """
    moment = now()
    for field, value in (("starts_at", starts_at), ("ends_at", ends_at)):
        if not is_in_range(value):
            raise Invalid(OUT_OF_RANGE, field=field, code="out_of_range")
    # A start in the past would change what access reviews say of past days.
    start = max(starts_at or moment, moment)
    if ends_at and ends_at <= moment:
        raise Invalid(_("The end must be in the future"), field="ends_at", code="past")
    if ends_at and ends_at <= start:
        raise Invalid(_("The end must be after the start"), field="ends_at", code="before_start")
    return {"starts_at": start, "ends_at": ends_at}


def live_key(*parts: object) -> str:
    return ":".join(part.hex if isinstance(part, UUID) else str(part or "") for part in parts)


def insert_live(row: RoleGrant | Membership, *, taken: Any) -> None:
    """Insert the row. Raise Taken with the text `taken` if there is a live row of the same key, NotFound if no user.

    A row whose period is over keeps its key until this moment, so it is cleared first.
    """
    model = type(row)
    over = (model.live_key == row.live_key) & (model.ends_at <= now())
    db.session.execute(update(model).where(over).values(live_key=None))
    db.session.add(row)
    refusals = {
        f"uq_{model.__tablename__}_live_key": Taken(taken, field="role", code="taken"),
        # They were erased since the check. SQLite has one writer, so there this cannot happen.
        f"fk_{model.__tablename__}_user_id": NotFound(_("This user does not exist")),
    }
    with translate_constraints(refusals):
        db.session.flush()


def end_live(row: RoleGrant | Membership) -> None:
    """End the row now. The end of a future row is its start, so that it never was active. A past end stays."""
    row.ends_at = min(row.ends_at or FOREVER, max(now(), row.starts_at))
    row.live_key = None
