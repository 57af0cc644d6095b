"""Making the first owner, exactly once."""

from __future__ import annotations

import hmac

from webapp.access.models import OWNER
from webapp.core.errors import Gone, Invalid
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.setup.models import Setup
from webapp.users.models import User
from webapp.users.queries import any_user_exists
from webapp.users.services import add_user, build_user

SETUP = Actor(ActorKind.SYSTEM, "Set-up")


def setup_token(secret_key: str) -> str:
    """256 bits that only who reads the terminal knows; the same in every worker, worthless once there is a user."""
    return hmac.digest(secret_key.encode(), b"rollcall set-up link", "sha256").hex()


def setup_link(*, base_url: str, secret_key: str) -> str | None:
    """The one-time address of the set-up page; None once there is a user."""
    return None if any_user_exists() else f"{base_url}/setup?token={setup_token(secret_key)}"


def check_setup_token(token: str, *, secret_key: str) -> None:
    """Raises Gone for a wrong token, and for any once there is a user."""
    if any_user_exists():
        raise _done()
    if not hmac.compare_digest(token.encode("utf-8", "replace"), setup_token(secret_key).encode()):
        raise Gone(_("Use the link from the terminal that runs Rollcall"))


def create_first_owner(*, email: str, name: str, password: str, by: Actor = SETUP) -> User:
    """The first owner. Raises Gone when there is a user already, also one made in this instant; or Invalid."""
    if not password:
        raise Invalid(_("Enter a password"), field="password", code="missing")
    owner = build_user(email=email, name=name, password=password)
    with translate_constraints({"pk_setup": _done()}), transaction():
        advisory_lock("setup")
        if any_user_exists():
            raise _done()
        add_user(owner, by=by, roles=[OWNER])
        db.session.add(Setup(owner_id=owner.id))
    return owner


def _done() -> Gone:
    return Gone(_("Rollcall is already set up"))
