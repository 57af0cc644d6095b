"""The headers of requests that the API reads, with their limits, as openapi.json describes them."""

from __future__ import annotations

from typing import Any

from flask import Request

KEY_MAX = 255
# Visible ASCII, with spaces inside.
KEY_PATTERN = r"[!-~]([ -~]*[!-~])?"
REASON_MAX = 500
IDEMPOTENCY_KEY: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": KEY_MAX,
    "pattern": f"^{KEY_PATTERN}$",
}
REASON: dict[str, Any] = {"type": "string", "maxLength": REASON_MAX}
ETAG: dict[str, Any] = {"type": "string", "examples": ['W/"0123456789abcdef0123456789abcdef"']}


def reason_of(request: Request) -> str:
    """Return the reason of the request. It is UTF-8, which WSGI decodes as Latin-1 (PEP 3333)."""
    return request.headers.get("X-Reason", "").encode("latin-1", "replace").decode("utf-8", "replace")
