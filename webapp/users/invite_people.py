"""Invite many people from a pasted text: one address, or `Name <address>`, a line."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.users.creating import create_user
from webapp.users.identity import parse_identity
from webapp.users.models import User

LINES_MAX = 200
TEXT_MAX = 50_000
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>")


class Outcome(StrEnum):
    NEW = "new"
    INVITED = "invited"
    KNOWN = "known"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass
class InvitedLine:
    """A line of the text, and what becomes of it. `key` is the key of a valid address."""

    text: str
    name: str = ""
    email: str = ""
    key: str = ""
    outcome: Outcome = Outcome.NEW
    reason: str = ""
    user_id: UUID | None = None


def read_lines(text: str) -> list[InvitedLine]:
    """Return the lines of the text with what would become of each. Raise Invalid if there is none, or too many."""
    parts = _split(text)
    if not parts:
        raise Invalid(_("Enter at least one e-mail address"), field="addresses", code="missing")
    if len(parts) > LINES_MAX:
        raise Invalid(_("Enter at most %(max)s addresses at once", max=LINES_MAX), field="addresses", code="too_many")
    lines = [_read(part) for part in parts]
    _mark_repeated(lines)
    _mark_known(lines)
    return lines


def invite_lines(
    lines: Collection[InvitedLine],
    *,
    by: Actor,
    roles: Collection[UUID] = (),
    groups: Collection[UUID] = (),
    locale: str | None = None,
    ends_at: datetime | None = None,
) -> None:
    """Create and invite the people of the new lines, each in a transaction of its own, and set their outcome."""
    for line in lines:
        if line.outcome != Outcome.NEW:
            continue
        try:
            user = create_user(
                email=line.email,
                name=line.name,
                locale=locale,
                ends_at=ends_at,
                roles=roles,
                groups=groups,
                attributes={},
                form_attributes=(),
                invite=True,
                by=by,
            )
        except Refused as error:
            line.outcome, line.reason = Outcome.REFUSED, _reason(error)
        else:
            line.outcome, line.user_id = Outcome.INVITED, user.id


def _split(text: str) -> list[str]:
    """Return the addresses of a text: of lines, and of lists with semicolons or commas as mail programs copy them."""
    found: list[str] = []
    for part in re.split(r"[\n;]", text.replace("\r", "\n")):
        pieces = part.split(",")
        # A comma can also stand in a name: Ivanov, Anton <anton@example.com>.
        found += pieces if all("@" in piece or not piece.strip() for piece in pieces) else [part]
    return [each.strip() for each in found if each.strip()]


def _read(text: str) -> InvitedLine:
    named = _NAMED.fullmatch(text)
    email = (named["email"] if named else text).strip()
    name = named["name"].strip().strip("\"'").strip() if named else ""
    line = InvitedLine(text, name or email.partition("@")[0], email)
    try:
        identity = parse_identity(email=line.email, name=line.name)
    except Invalid as error:
        line.outcome, line.reason = Outcome.REFUSED, _reason(error)
    else:
        line.name, line.email, line.key = identity.name, identity.email, identity.email_key
    return line


def _mark_repeated(lines: list[InvitedLine]) -> None:
    seen: set[str] = set()
    for line in lines:
        if line.key and line.key in seen:
            line.outcome, line.reason = Outcome.REPEATED, str(_("Stands above already"))
        seen.add(line.key)


def _mark_known(lines: list[InvitedLine]) -> None:
    keys = [line.key for line in lines if line.key]
    taken = set(db.session.scalars(select(User.email_key).where(User.email_key.in_(keys), User.deleted_at.is_(None))))
    for line in lines:
        if line.key in taken and line.outcome == Outcome.NEW:
            line.outcome, line.reason = Outcome.KNOWN, str(_("This e-mail address is already in use"))


def _reason(error: Refused) -> str:
    return "; ".join(str(problem.message) for problem in error.problems) or str(error)
