"""Named reads of likely pairs."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from webapp.access.group_tree import member_ids_in
from webapp.core.errors import NotFound
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.operators import in_ids
from webapp.db.session import db
from webapp.duplicates.models import DuplicatePair
from webapp.lists.order import Order
from webapp.users.models import User

# Created once, because SQLAlchemy copies each column when an alias is used first: 2 ms, on each page of a person.
_one, _other = aliased(User), aliased(User)
STRONGEST_FIRST = Order("-strength", DuplicatePair.strength, DuplicatePair.id, descending=True)


def open_pairs(*reaches: Reach) -> Select[DuplicatePair]:
    """Select the pairs of people within all `reaches` that are not dismissed. People in the bin have none."""
    query = (
        select(DuplicatePair)
        .join(_one, _one.id == DuplicatePair.one_id)
        .join(_other, _other.id == DuplicatePair.other_id)
        .where(DuplicatePair.dismissed_at.is_(None), _one.deleted_at.is_(None), _other.deleted_at.is_(None))
    )
    for reach in {each for each in reaches if each is not None}:
        members = member_ids_in(reach)
        query = query.where(DuplicatePair.one_id.in_(members), DuplicatePair.other_id.in_(members))
    return query


def pairs_of(user_id: UUID, *reaches: Reach, limit: int) -> list[DuplicatePair]:
    """Return the likeliest pairs of this person within all `reaches`."""
    theirs = or_(DuplicatePair.one_id == user_id, DuplicatePair.other_id == user_id)
    query = open_pairs(*reaches).where(theirs)
    return list(db.session.scalars(strongest(query).limit(limit)))


def strongest(query: Select[DuplicatePair]) -> Select[DuplicatePair]:
    """Sort pairs as STRONGEST_FIRST does."""
    return query.order_by(DuplicatePair.strength.desc(), DuplicatePair.id.desc())


def get_pair(pair_id: UUID, *reaches: Reach) -> DuplicatePair:
    """Return a pair of people within all `reaches`. Raise NotFound, also if it is dismissed or one is in the bin."""
    pair = db.session.scalars(open_pairs(*reaches).where(DuplicatePair.id == pair_id)).first()
    if pair is None:
        raise NotFound(_("This pair is no longer in the list of duplicates"))
    return pair


def users_of(pairs: Iterable[DuplicatePair]) -> dict[UUID, User]:
    """Return the people of these pairs by ID. One statement."""
    ids = {user_id for pair in pairs for user_id in pair.user_ids}
    return {user.id: user for user in db.session.scalars(select(User).where(in_ids(User.id, ids)))} if ids else {}
