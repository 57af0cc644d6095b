"""Checks of the fields of a feed, before a transaction: an address waits for name servers."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, TypedDict, cast
from uuid import UUID

from webapp.core.errors import Invalid
from webapp.core.text import caseless_key, clean_text
from webapp.core.texts import _
from webapp.feeds.folder import checked_path
from webapp.feeds.models import ENCODING_MAX, HEADER_MAX, HEADER_VALUE_MAX, Source
from webapp.imports.models import Mode
from webapp.outgoing.urls import checked_url
from webapp.recurring.checks import checked_values, one_of

HEADER_DEFAULT = "Authorization"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
# They decide how the request is read.
_RESERVED = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade", "trailer"}


class FeedValues(TypedDict, total=False):
    """The fields of a feed as people enter them. `header`: None keeps the secret, "" removes it.

    `path` counts for Source.FOLDER, `url` and the header for Source.ADDRESS.
    """

    name: str
    source: str
    path: str
    url: str
    header_name: str
    header: str | None
    mapping_id: UUID | None
    encoding: str
    mode: str
    key: str
    threshold: int
    invite: bool
    time_of_day: str
    timezone: str
    weekday: int | None


def check_values(values: FeedValues, *, resolve: bool = True) -> FeedValues:
    """Return the given values, each checked alone. Raise Invalid with all problems. `resolve`: see `checked_url`."""
    checks: dict[str, Any] = {
        "source": partial(one_of, set(Source), "source"),
        "header_name": _checked_header_name,
        "header": _checked_header,
        "encoding": _checked_encoding,
        "mode": partial(one_of, set(Mode), "mode"),
    }
    # The other kind of source is not used, so nothing is wrong with what its fields have.
    if values.get("source", Source.FOLDER) == Source.FOLDER:
        checks["path"] = checked_path
    if values.get("source", Source.ADDRESS) == Source.ADDRESS:
        checks["url"] = partial(checked_url, resolve=resolve)
    return cast(FeedValues, checked_values(values, checks))


def name_key(name: str) -> str:
    return caseless_key(name)


def _checked_header_name(text: str) -> str:
    text = clean_text(text, field="header_name") or HEADER_DEFAULT
    if not _TOKEN.fullmatch(text) or len(text) > HEADER_MAX or text.lower() in _RESERVED:
        message = _("Enter the name of a request header, for example Authorization")
        raise Invalid(message, field="header_name", code="not_a_header")
    return text


def _checked_header(text: str | None) -> str | None:
    if text is None:
        return None
    text = clean_text(text, field="header")
    if not text.isascii() or len(text) > HEADER_VALUE_MAX:
        message = _("Use at most %(max)s Latin letters, digits and signs", max=HEADER_VALUE_MAX)
        raise Invalid(message, field="header", code="malformed")
    return text


def _checked_encoding(text: str) -> str:
    text = clean_text(text, field="encoding")
    try:
        "".encode(text[:ENCODING_MAX] or "utf-8")
    except (LookupError, ValueError):
        message = _("Enter an encoding, for example utf-8 or cp1251, or leave this empty")
        raise Invalid(message, field="encoding", code="unknown") from None
    return text[:ENCODING_MAX]
