"""The page of a link that does not work, with what to do next."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp.core.errors import Gone
from webapp.core.texts import _
from webapp.one_time_tokens.models import OneTimeToken, TokenKind, TokenState
from webapp.one_time_tokens.queries import find_token
from webapp.web.link_tokens import link_token


class DeadLink(Gone):
    """A link does not work. `kind` and `state` are those of its token, None if there is no such token."""

    def __init__(self, row: OneTimeToken | None) -> None:
        super().__init__(_("This link no longer works"))
        self.kind = row.kind if row else None
        self.state = row.state if row else None


TITLES = {
    None: _("This link does not work"),
    TokenState.USED: _("This link was used"),
    TokenState.REPLACED: _("There is a newer link"),
    TokenState.REVOKED: _("This link no longer works"),
    TokenState.EXPIRED: _("This link has expired"),
}
TEXTS = {
    None: _("Copy the whole address from the e-mail."),
    TokenState.USED: _("Each link works once. If it was not you who used it, choose a new password now."),
    TokenState.REPLACED: _("Only the newest e-mail has a link that works. Look for it in your mailbox."),
    TokenState.REVOKED: _("Your password, your e-mail address or your access has changed since it was sent."),
    TokenState.EXPIRED: _("Links in e-mails work for a limited time only."),
}


def valid_token(name: str, *kinds: TokenKind) -> OneTimeToken:
    """Return the token that this browser got from a link of this name. Raise DeadLink if it does not work."""
    row = find_token(link_token(name), *kinds)
    if row is None or row.state != TokenState.VALID:
        raise DeadLink(row)
    return row


def dead_link_page(error: Gone) -> ResponseReturnValue:
    """Return the page of a link that does not work, or that was used at the same moment."""
    kind, state = (error.kind, error.state) if isinstance(error, DeadLink) else (None, TokenState.USED)
    values = {"title": TITLES[state], "text": TEXTS[state], "kind": kind, "page": request.path}
    return render_template("recovery/gone.html", **values), error.status
