"""Passwords: the policy (NIST SP 800-63B-4), hashing, and the limit of concurrent hashes."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from threading import BoundedSemaphore
from types import MappingProxyType
from typing import Any, TypeVar

from werkzeug.security import check_password_hash, generate_password_hash

from webapp.core.context import current_registry
from webapp.core.errors import Busy, Invalid
from webapp.core.foreign_hashes import is_foreign, verify_foreign
from webapp.core.text import fold_text
from webapp.core.texts import _

PASSWORD_MIN = 15
# For people who have a second factor.
PASSWORD_MIN_WITH_FACTOR = 8
PASSWORD_MAX = 256
PASSWORD_BYTES_MAX = 1024
HASH_MAX = 255
HASH_WAIT_SECONDS = 3
PERSONAL_WORD_MIN = 4
TOO_MANY_SIGN_INS = _("Too many people are signing in right now. Try again in a moment.")

T = TypeVar("T")

# Stored as the hash of people who sign in with a passkey only. No password has it.
NO_PASSWORD = "!"
_HASHED_BEFORE: ContextVar[Mapping[str, list[str]]] = ContextVar("hashed_before", default=MappingProxyType({}))
# No password has this hash. Checking it takes as long as checking a real hash.
_DECOY = "{}$decoy$" + "0" * 128


class Hasher:
    """Werkzeug's method for new hashes, and the limit of hashes that a process computes at the same time.

    A hash takes 32 MB and one core for 0.3 s. More concurrent hashes than cores would only make everyone wait longer.
    At most half of the request threads hash or wait for a hash, so other pages stay fast while many people sign in.
    """

    def __init__(self, method: str, *, processes: int, threads: int) -> None:
        self.method = method
        places = max(1, threads // 2)
        self._concurrent = min(places, max(1, len(os.sched_getaffinity(0)) // processes))
        self._places = BoundedSemaphore(places)
        self._slots = BoundedSemaphore(self._concurrent)
        self._executor: ThreadPoolExecutor | None = None
        self._process_id = 0

    def compute(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function that hashes, in a thread of low priority: requests that do not hash come first.

        Raise Busy as `slot` does.
        """
        with self.slot():
            if self._executor is None or self._process_id != os.getpid():
                # Threads do not survive a fork.
                self._process_id = os.getpid()
                self._executor = ThreadPoolExecutor(self._concurrent, "hash", initializer=_lower_priority)
            return self._executor.submit(function, *arguments).result()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a free slot. Raise Busy after HASH_WAIT_SECONDS, or immediately if too many threads already wait."""
        with _acquired(self._places, timeout=0), _acquired(self._slots, timeout=HASH_WAIT_SECONDS):
            yield

    def check_capacity(self) -> None:
        """Raise Busy if `slot` would raise it immediately."""
        with _acquired(self._places, timeout=0):
            pass


@contextmanager
def _acquired(semaphore: BoundedSemaphore, *, timeout: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=timeout):
        raise Busy(TOO_MANY_SIGN_INS)
    try:
        yield
    finally:
        semaphore.release()


def _lower_priority() -> None:
    # On Linux each thread has a priority of its own. It can be lowered but not raised again.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _hasher() -> Hasher:
    return current_registry().get(Hasher)


def check_password(password: str, *, personal: Iterable[str] = (), minimum: int = PASSWORD_MIN) -> None:
    """Raise Invalid if the policy does not allow the password.

    `personal`: name, e-mail address and username of the person, and the name of the organisation. The password must not
    consist of them. `minimum`: the smallest number of characters.
    """
    if len(password.encode("utf-8", "surrogatepass")) > PASSWORD_BYTES_MAX:
        raise _refused("too_long", _("Enter a password of at most %(max)s characters", max=PASSWORD_MAX))
    password = _normalized(password)
    if len(password) < minimum:
        raise _refused("too_short", _("Enter a password of at least %(min)s characters", min=minimum))
    if len(password) > PASSWORD_MAX:
        raise _refused("too_long", _("Enter a password of at most %(max)s characters", max=PASSWORD_MAX))
    if "\x00" in password or any(0xD800 <= ord(c) <= 0xDFFF for c in password):
        raise _refused("hidden_character", _("The password contains a character that cannot be typed"))
    _check_guessable(fold_text(password), personal, minimum)


def _normalized(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _refused(code: str, message: str) -> Invalid:
    return Invalid(message, field="password", code=code)


def _check_guessable(plain: str, personal: Iterable[str], minimum: int) -> None:
    if _core_word(plain) in common_passwords() or len(set(plain)) < 5:
        raise _refused("common", _("This password is easy to guess. Choose another one."))
    rest = plain
    for word in sorted(_words(personal), key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != plain and len(rest) < minimum // 2:
        raise _refused("personal", _("This password is based on the name or e-mail address. Choose another one."))


def _words(personal: Iterable[str]) -> set[str]:
    texts = {fold_text(text) for text in (*personal, "rollcall") if text}
    parts = {part for text in texts for part in text.replace("@", " ").replace(".", " ").split()}
    return {word for word in texts | parts if len(word) >= PERSONAL_WORD_MIN}


def _core_word(plain: str) -> str:
    """Return the password without repetition, and without digits and punctuation at its ends."""
    core = plain.strip("0123456789!?.,-_ ")
    for size in range(1, len(core) // 2 + 1):
        if core == core[:size] * (len(core) // size):
            return core[:size]
    return core or plain


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return about 30,000 leaked passwords from the zxcvbn package."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  1 MB, needed by few processes

    return frozenset(FREQUENCY_LISTS["passwords"])


def hash_password(password: str) -> str:
    """Return the salted hash of the password in NFKC, so that keyboards with other Unicode forms give the same hash.

    Raise Busy if too many hashes are computed at the same time.
    """
    if kept := _HASHED_BEFORE.get().get(password):
        return kept.pop()
    hasher = _hasher()
    return hasher.compute(generate_password_hash, _encodable(password), hasher.method)


@contextmanager
def hashed_before(passwords: Iterable[str]) -> Iterator[None]:
    """Hash these passwords now. Inside the block, `hash_password` returns each hash once.

    For several changes in one transaction: hashing takes 0.3 s, which must not hold locks. Raise Busy.
    """
    hashes: dict[str, list[str]] = {}
    for password in passwords:
        hashes.setdefault(password, []).append(hash_password(password))
    token = _HASHED_BEFORE.set(hashes)
    try:
        yield
    finally:
        _HASHED_BEFORE.reset(token)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Return whether the password matches the hash. None or NO_PASSWORD take the same time. Raise Busy."""
    if password_hash == NO_PASSWORD:
        password_hash = None
    if len(password.encode("utf-8", "surrogatepass")) > PASSWORD_BYTES_MAX:
        return False
    hasher = _hasher()
    stored = password_hash or _DECOY.format(hasher.method)
    if is_foreign(stored):
        # Other systems hash what the keyboard sent, which may not be in NFKC.
        return any(hasher.compute(verify_foreign, stored, text) for text in {password, _normalized(password)})
    same = hasher.compute(check_password_hash, stored, _encodable(password))
    return same and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Return whether the method or cost of the hash differs from that of new hashes."""
    return not password_hash.startswith(_hasher().method + "$")


def _encodable(password: str) -> str:
    return _normalized(password).encode("utf-8", "replace").decode()
