"""Devices: in which browsers a person has signed in, and their description in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, select, update

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.texts import _
from webapp.core.tokens import token_hash
from webapp.db.session import db
from webapp.signin.models import AGENT_MAX, KnownDevice

# A device is known for this time after the last sign-in.
KNOWN_FOR = timedelta(days=365)
# Built once, because building a statement takes longer than sending it.
_devices = cast("Table", KnownDevice.__table__)
_has_token = _devices.c.token_hash == bindparam("hashed")
_is_known = _has_token & (_devices.c.last_used_at > bindparam("since", type_=_devices.c.last_used_at.type))
_FIND = select(_devices.c.id).where(_is_known)
_USE = update(_devices).where(_is_known).returning(_devices.c.id)
_FORGET = delete(_devices).where(_has_token)
_REMEMBER = insert(_devices)
# The names that ua-parser gives when it recognises nothing.
_UNKNOWN = {"", "Other"}


def describe_device(agent: str) -> str:
    """Return `Firefox 128 on Windows` for the User-Agent of a browser, in the reader's language."""
    from ua_parser import parse  # noqa: PLC0415  loading its patterns takes 0.2 s, and few processes need them

    found = parse(agent)
    browser, system = found.user_agent, found.os
    name = " ".join(filter(None, (browser.family, browser.major))) if browser else ""
    family = system.family if system else ""
    if name in _UNKNOWN:
        return family if family not in _UNKNOWN else str(_("Unknown device"))
    return str(_("%(browser)s on %(system)s", browser=name, system=family)) if family not in _UNKNOWN else name


def find_device(device_token: str, user_id: UUID | None) -> UUID | None:
    """Return the ID of the person's device whose browser has this token in its cookie. Return None if it is not known.

    The query is the same without a person, so that its time does not show whether the account exists.
    """
    if not device_token:
        return None
    known = {"hashed": _hash(device_token, user_id or UUID(int=0)), "since": _since()}
    return db.session.connection().scalar(_FIND, known)


def remember_device(device_token: str, user_id: UUID, *, agent: str, is_new: bool) -> tuple[UUID, bool]:
    """Record a sign-in from the device, with the user locked. Return the ID of the device, and whether it is new.

    `is_new`: its token has just been made, so no row has it.
    """
    connection, hashed = db.session.connection(), _hash(device_token, user_id)
    values = {"last_used_at": now(), "agent": agent[:AGENT_MAX]}
    if not is_new:
        device_id = connection.scalar(_USE, values | {"hashed": hashed, "since": _since()})
        if device_id:
            return device_id, False
        connection.execute(_FORGET, {"hashed": hashed})
    device_id = new_id()
    connection.execute(_REMEMBER, values | {"id": device_id, "user_id": user_id, "token_hash": hashed})
    return device_id, True


def _hash(device_token: str, user_id: UUID) -> str:
    """One cookie serves all people who sign in from the browser, and each row belongs to one of them."""
    return token_hash(f"{device_token}:{user_id.hex}")


def _since() -> datetime:
    return now() - KNOWN_FOR
