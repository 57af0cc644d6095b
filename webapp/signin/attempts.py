"""A sign-in as it was sent: the account that it names, its device, and what its failures count for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from webapp.core.text import caseless_key
from webapp.core.tokens import hashed_key
from webapp.db.session import db
from webapp.signin.devices import find_device
from webapp.signin.sessions import Client
from webapp.users.identity import NO_KEY, sign_in_lookup
from webapp.users.queries import find_password_hash


@dataclass(frozen=True)
class Attempt:
    """`user_id` and `password_hash` are None if there is no such account, `device_id` if the device is not known."""

    identifier: str
    client: Client
    user_id: UUID | None
    password_hash: str | None
    device_id: UUID | None

    @property
    def failure_keys(self) -> tuple[str, ...]:
        """Return what failures count for: the known device, or else the account and the address.

        Strangers do not delay people on their own devices.
        """
        if self.device_id:
            return (f"device:{self.device_id.hex}",)
        return account_key(self.identifier), hashed_key("address", self.client.address)


def find_attempt(identifier: str, client: Client) -> Attempt:
    """Look up the account by e-mail address or username, and its device. Return the connection to the pool."""
    column, value = sign_in_lookup(identifier)
    user_id, password_hash = find_password_hash(column=column, value=value)
    device_id = None if client.is_new else find_device(client.device_token, user_id)
    # The hash takes 0.3 s. No connection must wait meanwhile.
    db.session.rollback()
    return Attempt(identifier, client, user_id, password_hash, device_id)


def account_key(identifier: str) -> str:
    """Return what failed attempts with this e-mail address or username count for. Other spellings are the same."""
    _column, value = sign_in_lookup(identifier)
    return hashed_key("account", caseless_key(identifier) if value == NO_KEY else value)
