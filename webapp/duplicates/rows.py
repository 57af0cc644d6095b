"""Pairs as pages print them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from webapp.attributes.display import viewer_attributes
from webapp.attributes.queries import live_attributes
from webapp.core.errors import NotFound
from webapp.core.permissions import Permission, Reach
from webapp.duplicates.evidence_texts import evidence_texts, strength_level
from webapp.duplicates.likeness import Account, compare, compared_attributes
from webapp.duplicates.models import DuplicatePair
from webapp.duplicates.queries import pairs_of, users_of
from webapp.users.models import User
from webapp.users.queries import is_in_reach
from webapp.users.viewer import get_visible_user
from webapp.web.guards import reach

SHOWN = 3


@dataclass(frozen=True)
class PairRow:
    """A pair. `level` is a part of a CSS class. `evidence` says in words what they have in common now."""

    id: UUID
    people: tuple[User, User]
    strength: int
    level: str
    level_label: str
    evidence: list[str]


def viewer_reaches() -> tuple[Reach, Reach]:
    """Return the people that the viewer can see, and those that they may change. Pairs are of people in both."""
    return reach(Permission.USERS_READ), reach(Permission.USERS_EDIT)


def pair_rows(pairs: Sequence[DuplicatePair]) -> list[PairRow]:
    """Four statements at most, for any number of pairs."""
    if not pairs:
        return []
    users, attributes = users_of(pairs), compared_attributes(live_attributes())
    visible = {attribute.key for attribute in viewer_attributes()}
    rows = []
    for pair in pairs:
        one, other = (users[user_id] for user_id in pair.user_ids)
        found = compare(account_of(one), account_of(other), attributes)
        level, label = strength_level(pair.strength)
        texts = evidence_texts(found, attributes, visible=visible)
        rows.append(PairRow(pair.id, (one, other), pair.strength, level, label, texts))
    return rows


def account_of(user: User) -> Account:
    return Account(user.id, user.name_key, user.email_key, user.attributes)


def duplicates_of(user: User) -> list[tuple[UUID, User]]:
    """Return the pairs of this person that the viewer may see, with the other person. For the page of a person."""
    if user.deleted_at or not is_in_reach(user.id, reach(Permission.USERS_EDIT)):
        return []
    pairs = pairs_of(user.id, *viewer_reaches(), limit=SHOWN)
    users = users_of(pairs)
    return [(pair.id, users[pair.other_id if pair.one_id == user.id else pair.one_id]) for pair in pairs]


def kept_account(user: User) -> User | None:
    """Return the account into which this deleted one was merged. For the page of a person."""
    if user.merged_into_id is None:
        return None
    with suppress(NotFound):
        return get_visible_user(user.merged_into_id)
    return None
