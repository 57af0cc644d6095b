"""Find the token of a request, and say why it does not work."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, select, true

from webapp.access.powers import effective_roles, powers_from_roles
from webapp.api_tokens.address_ranges import is_in_ranges
from webapp.api_tokens.models import ADDRESS_MAX, TOKEN_PREFIX, ApiToken, TokenState
from webapp.core.clock import now
from webapp.core.errors import NotSignedIn
from webapp.core.permissions import Powers
from webapp.core.texts import _
from webapp.core.tokens import token_hash
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.transactions import record_last_use

# The shortest interval between two updates of `last_used_at`.
LAST_USE_INTERVAL = timedelta(minutes=1)
_HASH: ColumnElement[str] = bindparam("token_hash")
_ROLES = effective_roles(select(ApiToken.user_id).where(ApiToken.token_hash == _HASH).scalar_subquery()).subquery()
# Each request runs this statement. It returns one row for each role of the user, and one row without role if they have
# none.
_BY_HASH = (
    select(ApiToken, *_ROLES.c)
    .outerjoin(_ROLES, true())
    .where(ApiToken.token_hash == _HASH)
    .execution_options(**{PREPARED: ("token_hash", "moment")})
)


class LiveToken(NamedTuple):
    """A token that works. `powers` are those of its user within its scopes."""

    token: ApiToken
    powers: Powers


def authenticate(secret: str, *, address: str) -> LiveToken:
    """Return the token with its user, and record its use. Raise NotSignedIn with a code if it does not work."""
    live = _find_usable(secret, address)
    last_used_at = live.token.last_used_at
    if last_used_at is None or last_used_at < now() - LAST_USE_INTERVAL:
        record_last_use(ApiToken, live.token.id, last_used_address=address[:ADDRESS_MAX])
        # The write ended the transaction: the token may have been revoked since.
        live = _find_usable(secret, address)
    return live


def token_refusal(message: str, code: str) -> NotSignedIn:
    return NotSignedIn(message, field="Authorization", code=code)


def _find_usable(secret: str, address: str) -> LiveToken:
    values = {"token_hash": token_hash(secret), "moment": now()}
    rows = db.session.execute(_BY_HASH, values).all() if secret.startswith(TOKEN_PREFIX) else []
    if not rows:
        raise token_refusal(_("This API token does not exist"), "token_unknown")
    token: ApiToken = rows[0][0]
    _check_usable(token, address)
    powers = powers_from_roles(row for row in rows if row.role_id)
    return LiveToken(token, powers.limited_to(token.permissions))


def _check_usable(token: ApiToken, address: str) -> None:
    if token.state is TokenState.REVOKED:
        raise token_refusal(_("This API token was revoked"), "token_revoked")
    if token.state is TokenState.EXPIRED:
        raise token_refusal(_("This API token has expired"), "token_expired")
    if not token.user.can_sign_in:
        raise token_refusal(_("The owner of this API token cannot sign in"), "token_owner_inactive")
    if not is_in_ranges(address, token.address_ranges):
        raise token_refusal(_("This API token does not work from this address"), "token_address")
