"""Creates the first owner, exactly once."""

from __future__ import annotations

import hmac

from webapp.access.models import OWNER
from webapp.core.context import current_settings
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


def setup_token() -> str:
    """Return 256 bits, derived from the secret key so that all processes agree. Invalid once there is a user."""
    secret_key = current_settings().secret_key.get_secret_value()
    return hmac.digest(secret_key.encode(), b"rollcall set-up link", "sha256").hex()


def setup_link() -> str | None:
    """Return the address of the set-up page. Return None if there is a user."""
    return None if any_user_exists() else f"{current_settings().base_url}/setup?token={setup_token()}"


def check_setup_token(token: str) -> None:
    """Raise Gone if the token is wrong or there is a user."""
    if any_user_exists():
        raise _already_set_up()
    if not hmac.compare_digest(token.encode("utf-8", "replace"), setup_token().encode()):
        raise Gone(_("Use the link from the terminal that runs Rollcall"))


def create_first_owner(*, email: str, name: str, password: str, by: Actor = SETUP) -> User:
    """Create the first owner. Raise Invalid, or Gone if there is a user, also one created at the same moment."""
    if not password:
        raise Invalid(_("Enter a password"), field="password", code="missing")
    owner = build_user(email=email, name=name, password=password)
    with translate_constraints({"pk_setup": _already_set_up()}), transaction():
        advisory_lock("setup")
        if any_user_exists():
            raise _already_set_up()
        add_user(owner, by=by, roles=[OWNER])
        db.session.add(Setup(owner_id=owner.id))
    return owner


def _already_set_up() -> Gone:
    return Gone(_("Rollcall is already set up"))
