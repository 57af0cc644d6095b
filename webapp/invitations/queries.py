"""Named reads of invitations: where each stands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, or_, select

from webapp.core.clock import now
from webapp.db.operators import in_ids
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.types import Instant
from webapp.mail.models import Mail
from webapp.mail.queries import mail_error, mail_state
from webapp.one_time_tokens.models import OneTimeToken, TokenKind


class InvitationState(StrEnum):
    """QUEUED, SENT and FAILED are those of its e-mail. A link that was copied is SENT."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class InvitationFilter(StrEnum):
    """The states that a list can be filtered by. EXPIRING: the link works, but not for more than a day."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


# The link works. FAILED belongs to it: the e-mail may have arrived nevertheless.
OPEN = frozenset({InvitationState.QUEUED, InvitationState.SENT, InvitationState.FAILED})
# An open invitation is EXPIRING if it ends within this time.
EXPIRING_WITHIN = timedelta(days=1)


class Inviter(NamedTuple):
    """The person who invited someone. Without a name, a program did: with an API token or a command."""

    id: UUID | None
    name: str


class Invitation(NamedTuple):
    """The newest invitation of a person. `error` is the answer of the mail server to the last attempt."""

    id: UUID
    state: InvitationState
    inviter: str
    created_at: datetime
    expires_at: datetime
    # When it was accepted or revoked.
    ended_at: datetime | None
    by_mail: bool
    error: str | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


_NEWEST = and_(OneTimeToken.kind == TokenKind.INVITATION, OneTimeToken.replaced_at.is_(None))
# The users of the newest invitations whose state is in OPEN. Each list of people reads them.
_WITH_OPEN = (
    select(OneTimeToken.user_id)
    .where(
        _NEWEST,
        OneTimeToken.used_at.is_(None),
        OneTimeToken.revoked_at.is_(None),
        OneTimeToken.expires_at > bindparam("moment", type_=Instant()),
        in_ids(OneTimeToken.user_id, "user_ids"),
    )
    .execution_options(**{PREPARED: ("user_ids", "moment")})
)


def inviter_of(token: OneTimeToken) -> Inviter:
    return Inviter(token.created_by_id, token.created_by_name)


def invitation_of(user_id: UUID) -> Invitation | None:
    return invitations_of([user_id]).get(user_id)


def invitations_of(user_ids: Collection[UUID]) -> dict[UUID, Invitation]:
    """Return the newest invitation of each of these people who has one."""
    if not user_ids:
        return {}
    query = _with_state(OneTimeToken, _state().label("state"), Mail.id, mail_error().label("error"))
    rows = db.session.execute(query.where(OneTimeToken.user_id.in_(user_ids)))
    return {row.OneTimeToken.user_id: _invitation(row) for row in rows}


def has_open_invitation(user_id: UUID) -> bool:
    return bool(with_open_invitation([user_id]))


def with_open_invitation(user_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these people who have an open invitation."""
    if not user_ids:
        return set()
    return set(db.session.scalars(_WITH_OPEN, {"user_ids": user_ids, "moment": now()}))


def people_invited(*states: InvitationFilter) -> Select[UUID]:
    """Select the IDs of the people whose newest invitation is in one of these states."""
    return _with_state(OneTimeToken.user_id).where(or_(*map(_is_in, states)))


def count_invitations() -> dict[InvitationFilter, int]:
    """Return how many invitations whose links work are in each state. Plan: ix_one_time_tokens_expires_at."""
    states = (InvitationFilter.QUEUED, InvitationFilter.SENT, InvitationFilter.EXPIRING, InvitationFilter.FAILED)
    columns = [func.count(case((_is_in(state), 1))) for state in states]
    counts = db.session.execute(_with_state(*columns).where(OneTimeToken.expires_at > now())).one()
    return dict(zip(states, counts, strict=True))


def _is_in(state: InvitationFilter) -> ColumnElement[bool]:
    if state == InvitationFilter.EXPIRING:
        return and_(_state().in_(list(OPEN)), OneTimeToken.expires_at <= now() + EXPIRING_WITHIN)
    return _state() == state


def _with_state(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(OneTimeToken).outerjoin(Mail, Mail.id == OneTimeToken.mail_id).where(_NEWEST)


def _state() -> ColumnElement[Any]:
    return case(
        (OneTimeToken.used_at.is_not(None), InvitationState.ACCEPTED),
        (OneTimeToken.revoked_at.is_not(None), InvitationState.REVOKED),
        (OneTimeToken.expires_at <= now(), InvitationState.EXPIRED),
        (Mail.id.is_(None), InvitationState.SENT),
        else_=mail_state(),
    )


def _invitation(row: Row[Any]) -> Invitation:
    token: OneTimeToken = row.OneTimeToken
    return Invitation(
        id=token.id,
        state=InvitationState(row.state),
        inviter=token.created_by_name,
        created_at=token.created_at,
        expires_at=token.expires_at,
        ended_at=token.used_at or token.revoked_at,
        by_mail=row.id is not None,
        error=row.error,
    )
