"""Growing waits after failed attempts, for each key: an account, an address, a device.

They are counted where Flask-Limiter counts: in Redis, or in each worker process without Redis or while it is down.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerSecond, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter

from webapp.core.context import current_registry, current_settings
from webapp.core.errors import TooManyRequests
from webapp.core.texts import _, ngettext
from webapp.settings import UNLIMITED

# The first failures in the time of LOGIN_LIMIT cause no wait.
FREE_FAILURES = 5
# Seconds to wait after each later one. After all that LOGIN_LIMIT allows, the wait is the rest of the time.
WAITS = (1, 3, 5, 10)
# While Redis is down, it is asked again after these seconds.
RETRY_SECONDS = 30

T = TypeVar("T")
log = structlog.get_logger("rollcall.limits")


class _Counters:
    """The counter that all processes share, and the one of this process for the time while Redis is down."""

    def __init__(self) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._use_own_until = 0.0

    def ask(self, question: Callable[[RateLimiter], T]) -> T:
        if time.monotonic() >= self._use_own_until:
            try:
                return question(current_registry().get(Limiter).limiter)
            except Exception as error:  # noqa: BLE001  each storage has its own errors
                self._use_own_until = time.monotonic() + RETRY_SECONDS
                log.warning("limits.storage", error=type(error).__name__)
        return question(self._own)


def check_failures(*keys: str) -> None:
    """Raise TooManyRequests if one of the keys has to wait."""
    if wait := seconds_to_wait(*keys):
        raise _refusal(wait)


def seconds_to_wait(*keys: str) -> int:
    """Return how long the next attempt of all these keys has to wait."""
    limit = _login_limit()
    return max((_seconds_to_wait(limit, key) for key in keys), default=0) if limit else 0


def seconds_to_next_attempt(key: str, limit_text: str) -> int:
    """Return how long `take_attempt` would refuse an attempt."""
    limit = parse(limit_text)
    if not _login_limit() or _ask(lambda counter: counter.test(limit, *_names(key))):
        return 0
    return _reset(limit, key)


def count_failure(*keys: str) -> bool:
    """Count a failure of each key. Return whether one of them has now used up LOGIN_LIMIT."""
    limit = _login_limit()
    return sum(_count(limit, key) for key in keys) > 0 if limit else False


def forget_failures(*keys: str) -> None:
    """Start the count of the keys again, after a success."""
    limit = _login_limit()
    for key in keys:
        _clear(limit, key)


def take_attempt(key: str, limit_text: str) -> None:
    """Count an attempt before it is made, so that attempts at once do not pass the limit. Raise TooManyRequests.

    `limit_text`: for example "5/5minutes". A success calls `give_back_attempts`. LOGIN_LIMIT `off` disables it.
    """
    limit = parse(limit_text)
    if _login_limit() and not _ask(lambda counter: counter.hit(limit, *_names(key))):
        raise _refusal(_reset(limit, key))


def give_back_attempts(key: str, limit_text: str) -> None:
    _clear(parse(limit_text), key)


def _clear(limit: RateLimitItem | None, key: str) -> None:
    if limit:
        _ask(lambda counter: counter.clear(limit, *_names(key)))


def _login_limit() -> RateLimitItem | None:
    text = current_settings().login_limit
    return None if text == UNLIMITED else parse(text)


def _seconds_to_wait(limit: RateLimitItem, key: str) -> int:
    count = _failures(limit, key)
    if count >= limit.amount:
        return _reset(limit, key)
    wait = _wait_after(count)
    if wait and not _ask(lambda counter: counter.test(wait, *_names(key))):
        return _reset(wait, key)
    return 0


def _count(limit: RateLimitItem, key: str) -> bool:
    _ask(lambda counter: counter.hit(limit, *_names(key)))
    count = _failures(limit, key)
    if wait := _wait_after(count):
        _ask(lambda counter: counter.hit(wait, *_names(key)))
    return count >= limit.amount


def _failures(limit: RateLimitItem, key: str) -> int:
    return limit.amount - _ask(lambda counter: counter.get_window_stats(limit, *_names(key))).remaining


def _wait_after(failures: int) -> RateLimitItem | None:
    late = failures - FREE_FAILURES
    return RateLimitItemPerSecond(1, WAITS[min(late, len(WAITS)) - 1]) if late > 0 else None


def _reset(limit: RateLimitItem, key: str) -> int:
    stats = _ask(lambda counter: counter.get_window_stats(limit, *_names(key)))
    return max(1, math.ceil(stats.reset_time - time.time()))


def _names(key: str) -> tuple[str, str]:
    return current_settings().instance_name, key


def _ask(question: Callable[[RateLimiter], T]) -> T:
    return current_registry().get(_Counters).ask(question)


def _refusal(seconds: int) -> TooManyRequests:
    if seconds < 60:
        wait = ngettext(
            "Wait %(count)s second, then try again.", "Wait %(count)s seconds, then try again.", seconds, count=seconds
        )
    else:
        minutes = math.ceil(seconds / 60)
        wait = ngettext(
            "Wait %(count)s minute, then try again.", "Wait %(count)s minutes, then try again.", minutes, count=minutes
        )
    return TooManyRequests(f"{_('Too many failed attempts.')} {wait}", retry_after=seconds)
