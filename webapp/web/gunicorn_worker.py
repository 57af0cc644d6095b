"""The worker class of gunicorn. It answers requests that it cannot read with a problem (RFC 9457), not with HTML.

Flask never sees them: their line or a header is too long or malformed.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from webapp.web.problems import problem_type

_TOO_LONG: dict[type[Exception], tuple[HTTPStatus, str, str]] = {
    LimitRequestLine: (HTTPStatus.REQUEST_URI_TOO_LONG, "address_too_long", "The address is too long"),
    LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers_too_large",
        "The headers of the request are too long",
    ),
}
_MALFORMED = (HTTPStatus.BAD_REQUEST, "bad_request", "The request is malformed")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be read. All other errors are gunicorn's."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Invalid request from ip=%s: %s", (addr or [""])[0], type(exc).__name__)
        try:
            client.setblocking(True)
            client.settimeout(1)
            client.sendall(_problem(exc))
        except OSError:
            self.log.debug("Failed to send error message.")


def _problem(error: ParseException) -> bytes:
    status, code, detail = _TOO_LONG.get(type(error), _MALFORMED)
    body = json.dumps(
        {
            "type": problem_type(code),
            "title": status.phrase,
            "status": status.value,
            "detail": detail,
            "errors": [{"field": "", "code": code, "message": detail}],
            "request_id": "",
        }
    ).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
        f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
