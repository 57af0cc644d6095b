"""Former names of a user: their rows, and the text in which the search finds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select

from webapp.core.text import fold_text
from webapp.db.operators import in_ids
from webapp.db.session import NO_SYNC, db
from webapp.users.identity import search_text
from webapp.users.models import FormerIdentity, User


class FormerName(NamedTuple):
    """`kind` is "email", "username" or "name"."""

    kind: str
    value: str
    key: str
    until: datetime


def add_former_names(user: User, names: Iterable[FormerName]) -> None:
    """Add former names to a locked user. Leave out those that the user has now or had before."""
    known = {user.email_key, user.username_key, user.name_key, *(row.key for row in _rows_of(user.id))}
    for name in names:
        if name.key not in known:
            known.add(name.key)
            db.session.add(FormerIdentity(user_id=user.id, **name._asdict()))
    db.session.flush()
    _refresh_search_text(user)


def former_name_ids(user_id: UUID) -> set[UUID]:
    return {row.id for row in _rows_of(user_id)}


def remove_former_names(user: User, ids: Collection[UUID]) -> None:
    """Remove former names of a locked user, when a change that brought them is undone."""
    theirs = (FormerIdentity.user_id == user.id, in_ids(FormerIdentity.id, ids))
    db.session.execute(delete(FormerIdentity).where(*theirs), execution_options=NO_SYNC)
    _refresh_search_text(user)


def _rows_of(user_id: UUID) -> list[FormerIdentity]:
    query = select(FormerIdentity).where(FormerIdentity.user_id == user_id)
    query = query.order_by(FormerIdentity.until, FormerIdentity.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def _refresh_search_text(user: User) -> None:
    former = dict.fromkeys(fold_text(row.value) for row in _rows_of(user.id))
    text = search_text(fold_text(user.name), fold_text(user.email), fold_text(user.username or ""), *former)
    if user.search_text != text:
        user.search_text = text
    db.session.flush()
