"""The only entry point to one-time tokens: issue, use and revoke them. Callers check permissions and record changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import update

from webapp.core.clock import now
from webapp.core.erasure import pseudonym_of
from webapp.core.errors import Gone
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.core.tokens import new_token, token_hash
from webapp.db.constraints import translate_constraints
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import advisory_lock, transaction
from webapp.one_time_tokens.models import GIVE_ACCESS, LIFETIMES, NAME_MAX, SINGLE, OneTimeToken, TokenKind


class IssuedToken(NamedTuple):
    """A new token, which cannot be read again, and its row."""

    token: str
    row: OneTimeToken


@transaction()
def issue_token(kind: TokenKind, *, user_id: UUID, by: Actor, data: dict[str, Any] | None = None) -> IssuedToken:
    """Issue a token. For a SINGLE kind, the person's earlier tokens of the kind stop working."""
    if kind in SINGLE:
        # Of two that are issued at the same time, one replaces the other.
        advisory_lock(f"{kind}:{user_id.hex}")
        older = (OneTimeToken.user_id == user_id) & (OneTimeToken.kind == kind) & OneTimeToken.replaced_at.is_(None)
        db.session.execute(update(OneTimeToken).where(older).values(replaced_at=now()), execution_options=NO_SYNC)
    issued = issue_first_token(kind, user_id=user_id, by=by, data=data)
    db.session.flush()
    return issued


def issue_first_token(kind: TokenKind, *, user_id: UUID, by: Actor, data: dict[str, Any] | None = None) -> IssuedToken:
    """Issue a token of a person who has none of this kind, without flushing: in the transaction that creates them."""
    token = new_token()
    row = OneTimeToken(
        kind=kind,
        token_hash=token_hash(token),
        user_id=user_id,
        expires_at=now() + LIFETIMES[kind],
        created_by_id=by.id,
        created_by_name=by.label[:NAME_MAX],
        data=data or {},
    )
    db.session.add(row)
    return IssuedToken(token, row)


@transaction()
def use_token(token_id: UUID) -> None:
    """Use a token up, in the transaction of what it allows. Raise Gone if it is not valid, or was just used."""
    valid = (
        (OneTimeToken.id == token_id)
        & OneTimeToken.used_at.is_(None)
        & OneTimeToken.replaced_at.is_(None)
        & OneTimeToken.revoked_at.is_(None)
        & (OneTimeToken.expires_at > now())
    )
    if not db.session.connection().execute(update(OneTimeToken).where(valid).values(used_at=now())).rowcount:
        raise Gone(_("This link no longer works"))


@transaction()
def use_once(kind: TokenKind, value: str, *, user_id: UUID, by: Actor) -> None:
    """Record that a random value was used, in the transaction of what it allows. Raise Gone if it was used before.

    For values that were given out without a row, such as the challenges of passkeys.
    """
    row = OneTimeToken(kind=kind, token_hash=token_hash(value), user_id=user_id, used_at=now())
    row.expires_at, row.created_by_id, row.created_by_name = now() + LIFETIMES[kind], by.id, by.label[:NAME_MAX]
    db.session.add(row)
    with translate_constraints({"uq_one_time_tokens_token_hash": Gone(_("This was used already. Try again."))}):
        db.session.flush()


@transaction()
def revoke_tokens(user_id: UUID, kinds: Collection[TokenKind] = GIVE_ACCESS) -> int:
    """Revoke the person's tokens of these kinds that still work. Return their number.

    The default leaves NOT_ME: a thief who changes password and address must not end the link that locks the account.
    """
    return revoke_tokens_of([user_id], kinds)


def revoke_tokens_of(user_ids: Collection[UUID], kinds: Collection[TokenKind] = GIVE_ACCESS) -> int:
    """Do this for many people at once."""
    open_tokens = (
        OneTimeToken.user_id.in_(user_ids)
        & OneTimeToken.kind.in_(kinds)
        & OneTimeToken.used_at.is_(None)
        & OneTimeToken.revoked_at.is_(None)
        & OneTimeToken.replaced_at.is_(None)
        & (OneTimeToken.expires_at > now())
    )
    statement = update(OneTimeToken).where(open_tokens).values(revoked_at=now())
    return db.session.connection().execute(statement).rowcount


@transaction()
def anonymise_issuer(user_id: UUID) -> None:
    """Replace the name of an erased person in the tokens that they issued for others."""
    issued = update(OneTimeToken).where(OneTimeToken.created_by_id == user_id)
    db.session.execute(issued.values(created_by_name=pseudonym_of(user_id)), execution_options=NO_SYNC)
