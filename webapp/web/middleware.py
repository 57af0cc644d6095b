"""Around each request: ID, log line, security headers, trusted proxies, complete bodies."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, request
from flask_compress import Compress
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.settings import Settings

BODY_MAX = 1024 * 1024
CACHEABLE = {200, 206, 304}
STATIC_SECONDS = 365 * 24 * 3600
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# Two years: preload lists require at least one.
HSTS = "max-age=63072000; includeSubDomains"

log = structlog.get_logger("rollcall.request")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
View = TypeVar("View", bound=Callable[..., Any])


def init_middleware(app: Flask, settings: Settings) -> None:
    app.config |= {
        "MAX_CONTENT_LENGTH": BODY_MAX,
        "MAX_FORM_MEMORY_SIZE": BODY_MAX,
        "TRUSTED_HOSTS": settings.trusted_hosts or None,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 3,
        "COMPRESS_LEVEL": 4,
        "COMPRESS_MIN_SIZE": 1000,
        "COMPRESS_REGISTER": False,
    }
    app.wsgi_app = TrustedProxies(app.wsgi_app, settings.proxies)  # type: ignore[method-assign]  # Flask's own recipe
    app.before_request(_start)
    compress = Compress(app)
    app.after_request(lambda response: _compressed(response, compress))
    # Flask runs these in reverse order: the log line comes last.
    app.after_request(_log_request)
    headers = security_headers(secure=settings.secure)
    app.after_request(lambda response: _add_headers(response, headers))


def _compressed(response: Response, compress: Any) -> Response:
    """Flask-Compress leaves errors as they are. A form with errors was 45 KB that way, instead of 9 KB."""
    status, is_error = response.status, response.status_code >= 400
    if is_error:
        response.status_code = 200
    compressed: Response = compress.after_request(response)
    if is_error:
        compressed.status = status
    return compressed


def accepts_body(limit: int) -> Callable[[View], View]:
    """Let a view accept a larger body than BODY_MAX. Guards run before the body is read."""

    def mark(view: View) -> View:
        cast(Any, view).body_max = limit
        return view

    return mark


def streams_body(limit: Callable[[], int]) -> Callable[[View], View]:
    """Let a view accept a multipart body of up to `limit()` bytes, whose files werkzeug writes to the disk.

    An interrupted body raises an error when its form is read. A truncated one without Content-Length has no file.
    """

    def mark(view: View) -> View:
        cast(Any, view).body_limit = limit
        return view

    return mark


def init_request_bodies(app: Flask) -> None:
    """Refuse incomplete bodies. Werkzeug and gunicorn silently truncate chunked and interrupted bodies."""
    app.before_request(_check_complete_body)


def _check_complete_body() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if limit := getattr(view, "body_limit", None):
        request.max_content_length = limit()
        return
    body_max = request.max_content_length = getattr(view, "body_max", BODY_MAX)
    try:
        data = request.get_data(cache=True)
    except HTTPException:
        raise
    except Exception as error:
        raise BadRequest from error
    if request.content_length is not None and len(data) < request.content_length:
        raise BadRequest
    if len(data) >= body_max and request.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge


def request_id() -> str:
    """Return the ID of this request. Error pages, log lines and audit records show it."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def _start() -> None:
    g.started_at = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=request_id())
    # Without it, werkzeug takes the address that the server listens on, which TRUSTED_HOSTS always accepts.
    if "HTTP_HOST" not in request.environ:
        raise BadRequest
    try:
        urlsplit(request.referrer or "")
    except ValueError as error:
        raise BadRequest from error


def security_headers(*, secure: bool) -> dict[str, str]:
    """Return the headers of every response. `secure`: whether people use https."""
    return HEADERS | ({"Strict-Transport-Security": HSTS} if secure else {})


def _add_headers(response: Response, headers: dict[str, str]) -> Response:
    # The preview of e-mails has a policy of its own.
    response.headers.extend({name: value for name, value in headers.items() if name not in response.headers})
    response.headers["X-Request-ID"] = request_id()
    if request.endpoint == "static":
        if "v" in request.args and response.status_code in CACHEABLE:
            response.headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}, immutable"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _log_request(response: Response) -> Response:
    if request.endpoint != "static":
        seconds = time.perf_counter() - g.get("started_at", time.perf_counter())
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            # Set when the session or token was looked up. Public pages and health checks need no database.
            user=str(g.get("user_id", "")),
            address=request.remote_addr or "",
            # Which check refused the request: Forbidden, CSRFError, Invalid and others.
            **({"refused": g.refused} if "refused" in g else {}),
        )
    structlog.contextvars.clear_contextvars()
    return response


class TrustedProxies:
    """Uses `X-Forwarded-*` and `traceparent` headers from these networks and drops them from all other clients."""

    def __init__(self, app: WsgiApp, networks: Sequence[Network]) -> None:
        self.plain = app
        self.proxied = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self.networks = networks

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._trusts(environ.get("REMOTE_ADDR", "")):
            return self.proxied(environ, start_response)
        for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_TRACEPARENT"):
            environ.pop(name, None)
        return self.plain(environ, start_response)

    def _trusts(self, address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in self.networks)
        except ValueError:
            # A Unix socket has no address. Only the proxy uses it.
            return address == "" and bool(self.networks)
