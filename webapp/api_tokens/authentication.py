"""Find the token of a request, and say why it does not work."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, select

from webapp.api_tokens.address_ranges import is_in_ranges
from webapp.api_tokens.models import ADDRESS_MAX, TOKEN_PREFIX, ApiToken, TokenState
from webapp.core.clock import now
from webapp.core.errors import NotSignedIn
from webapp.core.texts import _
from webapp.core.tokens import token_hash
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.transactions import record_last_use

# The shortest interval between two updates of `last_used_at`.
LAST_USE_INTERVAL = timedelta(minutes=1)
_BY_HASH = (
    select(ApiToken)
    .where(ApiToken.token_hash == bindparam("token_hash"))
    .execution_options(**{PREPARED: ("token_hash",)})
)


def authenticate(secret: str, *, address: str) -> ApiToken:
    """Return the token with its user, and record its use. Raise NotSignedIn with a code if it does not work."""
    token = _find(secret)
    if token is None:
        raise token_refusal(_("This API token does not exist"), "token_unknown")
    _check_usable(token, address)
    if token.last_used_at is None or token.last_used_at < now() - LAST_USE_INTERVAL:
        record_last_use(ApiToken, token.id, last_used_address=address[:ADDRESS_MAX])
    return token


def token_refusal(message: str, code: str) -> NotSignedIn:
    return NotSignedIn(message, field="Authorization", code=code)


def _find(secret: str) -> ApiToken | None:
    if not secret.startswith(TOKEN_PREFIX):
        return None
    return db.session.scalars(_BY_HASH, {"token_hash": token_hash(secret)}).first()


def _check_usable(token: ApiToken, address: str) -> None:
    if token.state is TokenState.REVOKED:
        raise token_refusal(_("This API token was revoked"), "token_revoked")
    if token.state is TokenState.EXPIRED:
        raise token_refusal(_("This API token has expired"), "token_expired")
    if not token.user.can_sign_in:
        raise token_refusal(_("The owner of this API token cannot sign in"), "token_owner_inactive")
    if not is_in_ranges(address, token.address_ranges):
        raise token_refusal(_("This API token does not work from this address"), "token_address")
