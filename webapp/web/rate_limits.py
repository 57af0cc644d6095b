"""Rate limits by Flask-Limiter: calls of the API for each token, exports, and pages that anyone may call.

They are counted in Redis if REDIS_URL is set, and in each worker process otherwise or while Redis is down.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import cast

from flask import Response, request
from flask.typing import ResponseReturnValue, RouteCallable
from flask_limiter import Limiter, RateLimitExceeded

from webapp.core.context import current_registry
from webapp.core.errors import TooManyRequests
from webapp.core.texts import _
from webapp.core.tokens import hashed_key
from webapp.settings import UNLIMITED
from webapp.web.api import App
from webapp.web.error_pages import handle_refused, is_api_request

# Messages give waits from this length on in minutes, and shorter ones in seconds.
LONG_SECONDS = 120
# Redis must not delay a request for long.
_REDIS_OPTIONS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}


def init_rate_limits(app: App) -> None:
    settings = app.settings
    limiter = Limiter(
        _caller_key,
        app=app,
        application_limits=[] if settings.api_limit == UNLIMITED else [settings.api_limit],
        application_limits_exempt_when=lambda: not is_api_request(),
        storage_uri=settings.redis_url or "memory://",
        storage_options=_REDIS_OPTIONS if settings.redis_url else {},  # type: ignore[arg-type]  # floats are passed on
        strategy="moving-window",
        key_prefix=settings.instance_name,
        in_memory_fallback_enabled=True,
        swallow_errors=True,
    )
    app.registry.add(limiter)
    limiter.request_filter(lambda: not _has_limits(app))
    app.register_error_handler(RateLimitExceeded, _handle_exceeded)
    app.after_request(_add_headers)


class LimitedViews(set[str]):
    """The endpoints with a limit of their own."""


def _has_limits(app: App) -> bool:
    """Whether a limit can apply to this request. To most pages none does."""
    is_limited_call = app.settings.api_limit != UNLIMITED and is_api_request()
    return is_limited_call or request.endpoint in app.registry.get(LimitedViews)


def limit_calls(app: App, endpoint: str, limit: str, key: Callable[[], str]) -> None:
    """Limit the requests to a view, for each key of a request. Beyond it raise RateLimitExceeded."""
    limited = app.registry.get(Limiter).limit(limit, key_func=key)
    app.registry.get(LimitedViews).add(endpoint)
    app.view_functions[endpoint] = cast(RouteCallable, limited(app.view_functions[endpoint]))


def limit_exports(app: App, endpoint: str, key: Callable[[], str]) -> None:
    """Limit all exports of a key together to EXPORT_LIMIT; the view is one. Beyond it raise RateLimitExceeded."""
    if app.settings.export_limit == UNLIMITED:
        return
    limiter = app.registry.get(Limiter)
    limited = limiter.shared_limit(app.settings.export_limit, "exports", key_func=key, deduct_when=_has_succeeded)
    app.registry.get(LimitedViews).add(endpoint)
    app.view_functions[endpoint] = cast(RouteCallable, limited(app.view_functions[endpoint]))


def too_many_requests(message: str) -> TooManyRequests:
    """The refusal of the request that raised RateLimitExceeded."""
    exceeded = current_registry().get(Limiter).current_limit
    wait = math.ceil(exceeded.reset_at - time.time()) if exceeded else 0
    return TooManyRequests(message, retry_after=max(1, wait))


def _handle_exceeded(_error: RateLimitExceeded) -> ResponseReturnValue:
    refusal = too_many_requests(_("Too many requests. Wait a moment, then try again."))
    if refusal.retry_after >= LONG_SECONDS:
        minutes = math.ceil(refusal.retry_after / 60)
        refusal = too_many_requests(_("Too many requests. Try again in %(minutes)s minutes.", minutes=minutes))
    return handle_refused(refusal)


def _add_headers(response: Response) -> Response:
    """Say how many requests the caller has left (draft-ietf-httpapi-ratelimit-headers)."""
    limit = current_registry().get(Limiter).current_limit if is_api_request() else None
    if limit is not None:
        # Redis can fail at any time. The headers are not worth an error.
        with suppress(Exception):
            wait = max(0, math.ceil(limit.reset_at - time.time()))
            response.headers["RateLimit-Policy"] = f'"api";q={limit.limit.amount};w={limit.limit.get_expiry()}'
            response.headers["RateLimit"] = f'"api";r={max(0, limit.remaining)};t={wait}'
    return response


def _caller_key() -> str:
    token = request.headers.get("Authorization", "")
    return hashed_key("token", token) if token else hashed_key("address", request.remote_addr or "")


def _has_succeeded(response: Response) -> bool:
    return response.status_code < HTTPStatus.BAD_REQUEST
