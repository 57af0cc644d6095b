"""The link of a notice: “this was not me”."""

from __future__ import annotations

from uuid import UUID

from webapp.core.context import current_settings
from webapp.core.permissions import Actor
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import issue_token


def not_me_address(user_id: UUID, *, by: Actor, email: str | None = None) -> str:
    """Issue the link that locks the person's account, in the caller's transaction. Return its address.

    `email` is where the notice goes, if that is not the person's address from now on.
    """
    data = {"email": email} if email else {}
    token = issue_token(TokenKind.NOT_ME, user_id=user_id, by=by, data=data).token
    return f"{current_settings().base_url}/not-me?token={token}"
