"""Tokens of links in e-mails: a short-lived cookie keeps them, so that addresses in logs and history do not."""

from __future__ import annotations

import re

from flask import redirect, request
from werkzeug import Response

from webapp.core.context import current_settings
from webapp.core.texts import LOCALES

SECONDS = 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
# It replaces the token of an earlier link, and no link has it.
_WRONG = "-"


def trade_token(name: str) -> Response | None:
    """Return the answer to a GET with `?token=`: a redirect to the same page without it. Return None without a token.

    The cookie is only for links of this `name`. Mail scanners follow links: until a POST, nothing else may change.
    """
    token = request.args.get("token")
    if token is None:
        return None
    lang = request.args.get("lang")
    response = redirect(f"{request.path}?lang={lang}" if lang in LOCALES else request.path, 303)
    _set_cookie(response, name, token if _TOKEN.fullmatch(token) else _WRONG, seconds=SECONDS)
    return response


def link_token(name: str) -> str:
    """Return the token that this browser got from a link. Return "" if there is none."""
    return request.cookies.get(_cookie(name), "")


def clear_link_token(response: Response, name: str) -> None:
    """Remove the token, once it is used, from the browser that gets this response."""
    _set_cookie(response, name, "", seconds=0)


def _set_cookie(response: Response, name: str, value: str, *, seconds: int) -> None:
    response.set_cookie(
        _cookie(name),
        value,
        max_age=seconds,
        secure=current_settings().secure,
        httponly=True,
        # Not Strict: browsers would leave the cookie out after the redirect, because the link is on another site.
        samesite="Lax",
    )


def _cookie(name: str) -> str:
    return f"{current_settings().cookie_name}-{name}"
