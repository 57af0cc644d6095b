"""Password hashes of other systems: Django, Keycloak, bcrypt, argon2. They are verified once, and then replaced.

Formats: `pbkdf2_sha256$…`, `argon2$…`, `bcrypt$…`, `bcrypt_sha256$…`, `scrypt$…` (Django), `$2b$…` (bcrypt),
`$argon2id$…`, and for Keycloak `pbkdf2-sha256$iterations$salt$hash` in Base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

# A hash that costs more could stop the server at each sign-in.
ITERATIONS_MAX = 5_000_000
BCRYPT_COST_MAX = 16
ARGON2_KIB_MAX = 256 * 1024
ARGON2_TIME_MAX = 50
ARGON2_LANES_MAX = 16
SCRYPT_BYTES_MAX = 128 * 1024 * 1024
HASH_MAX = 255
# bcrypt uses no more bytes of a password, and the library refuses longer ones.
BCRYPT_BYTES_MAX = 72

_WERKZEUG_SCRYPT = re.compile(r"scrypt:(\d{1,7}):(\d{1,3}):(\d{1,3})\$[^$]+\$[0-9a-f]+")
_WERKZEUG_PBKDF2 = re.compile(r"pbkdf2:sha(?:1|256|512):(\d{1,7})\$[^$]+\$[0-9a-f]+")
_DJANGO_PBKDF2 = re.compile(r"pbkdf2_(sha1|sha256)\$(\d{1,7})\$([^$]+)\$([A-Za-z0-9+/=]+)")
_KEYCLOAK_PBKDF2 = re.compile(r"pbkdf2-(sha1|sha256|sha512)\$(\d{1,7})\$([A-Za-z0-9+/=]*)\$([A-Za-z0-9+/=]+)")
_DJANGO_SCRYPT = re.compile(r"scrypt\$(\d{1,7})\$([^$]+)\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/=]+)")
_BCRYPT = re.compile(r"(?:bcrypt\$)?(\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53})")
_BCRYPT_SHA256 = re.compile(r"bcrypt_sha256\$(\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53})")
_ARGON2 = re.compile(
    r"(?:argon2)?(\$argon2(?:id|i|d)\$(?:v=\d+\$)?m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+)"
)
# What LDAP servers put before the hash.
_LDAP_SCHEME = re.compile(r"\{(?:crypt|bcrypt|argon2)\}", re.IGNORECASE)


def usable_hash(text: str) -> str | None:
    """Return the hash as it can be stored. Return None if neither `verify_foreign` nor werkzeug can verify it."""
    text = _LDAP_SCHEME.sub("", text.strip(), count=1)
    if len(text) > HASH_MAX or not (_is_werkzeug(text) or _check(text)):
        return None
    return text


def _is_werkzeug(text: str) -> bool:
    """Whether werkzeug can verify the hash, and it does not cost too much."""
    if match := _WERKZEUG_SCRYPT.fullmatch(text):
        return _scrypt_fits(*map(int, match.groups()))
    match = _WERKZEUG_PBKDF2.fullmatch(text)
    return match is not None and 0 < int(match[1]) <= ITERATIONS_MAX


def _scrypt_fits(cost: int, block: int, lanes: int) -> bool:
    return cost > 1 and not cost & (cost - 1) and 0 < 128 * cost * block * lanes <= SCRYPT_BYTES_MAX


def is_foreign(password_hash: str) -> bool:
    return _check(password_hash) is not None


def verify_foreign(password_hash: str, password: str) -> bool:
    """Return whether the password has this hash of another system."""
    check = _check(password_hash)
    return check is not None and check(password.encode("utf-8", "replace"))


def _check(text: str) -> Callable[[bytes], bool] | None:
    """Return a function that verifies a password. Return None if the format is unknown, or costs too much."""
    for pattern, prepare in _FORMATS:
        if match := pattern.fullmatch(text):
            return prepare(match)
    return None


def _pbkdf2(match: re.Match[str], salt: bytes) -> Callable[[bytes], bool] | None:
    iterations, expected = int(match[2]), _decoded(match[4])
    if not 0 < iterations <= ITERATIONS_MAX or not expected:
        return None

    def check(password: bytes) -> bool:
        found = hashlib.pbkdf2_hmac(match[1], password, salt, iterations, len(expected))
        return hmac.compare_digest(found, expected)

    return check


def _django_pbkdf2(match: re.Match[str]) -> Callable[[bytes], bool] | None:
    return _pbkdf2(match, match[3].encode())


def _keycloak_pbkdf2(match: re.Match[str]) -> Callable[[bytes], bool] | None:
    salt = _decoded(match[3])
    return None if salt is None else _pbkdf2(match, salt)


def _django_scrypt(match: re.Match[str]) -> Callable[[bytes], bool] | None:
    cost, block, lanes, expected = int(match[1]), int(match[3]), int(match[4]), _decoded(match[5])
    if not expected or not _scrypt_fits(cost, block, lanes):
        return None

    def check(password: bytes) -> bool:
        found = hashlib.scrypt(
            password, salt=match[2].encode(), n=cost, r=block, p=lanes, maxmem=2 * SCRYPT_BYTES_MAX, dklen=len(expected)
        )
        return hmac.compare_digest(found, expected)

    return check


def _bcrypt(match: re.Match[str]) -> Callable[[bytes], bool] | None:
    return _bcrypt_check(match, lambda password: password[:BCRYPT_BYTES_MAX])


def _bcrypt_sha256(match: re.Match[str]) -> Callable[[bytes], bool] | None:
    return _bcrypt_check(match, lambda password: hashlib.sha256(password).hexdigest().encode())


def _bcrypt_check(match: re.Match[str], prepare: Callable[[bytes], bytes]) -> Callable[[bytes], bool] | None:
    if not 4 <= int(match[2]) <= BCRYPT_COST_MAX:
        return None

    def check(password: bytes) -> bool:
        import bcrypt  # noqa: PLC0415  only for people who come from another system

        try:
            return bcrypt.checkpw(prepare(password), match[1].encode())
        except ValueError:
            return False

    return check


def _argon2(match: re.Match[str]) -> Callable[[bytes], bool] | None:
    memory, rounds, lanes = int(match[2]), int(match[3]), int(match[4])
    if not (0 < memory <= ARGON2_KIB_MAX and 0 < rounds <= ARGON2_TIME_MAX and 0 < lanes <= ARGON2_LANES_MAX):
        return None

    def check(password: bytes) -> bool:
        from argon2 import PasswordHasher  # noqa: PLC0415  only for people who come from another system
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

        try:
            return PasswordHasher().verify(match[1], password)
        except (VerificationError, InvalidHashError):
            return False

    return check


_FORMATS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Callable[[bytes], bool] | None]], ...] = (
    (_DJANGO_PBKDF2, _django_pbkdf2),
    (_KEYCLOAK_PBKDF2, _keycloak_pbkdf2),
    (_DJANGO_SCRYPT, _django_scrypt),
    (_BCRYPT, _bcrypt),
    (_BCRYPT_SHA256, _bcrypt_sha256),
    (_ARGON2, _argon2),
)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def from_keycloak(credential: Mapping[str, Any]) -> str | None:
    """Return the hash of a credential in a Keycloak export. Return None if it cannot be verified."""
    try:
        secret = _object(credential.get("secretData"))
        data = _object(credential.get("credentialData"))
        algorithm, iterations = str(data["algorithm"]), _whole(data["hashIterations"])
        if algorithm == "argon2":
            return usable_hash(_keycloak_argon2(secret, data, iterations))
        name = "pbkdf2-sha1" if algorithm == "pbkdf2" else algorithm
        return usable_hash(f"{name}${iterations}${secret['salt']}${secret['value']}")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    """Keycloak writes these objects as text."""
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise TypeError
    return found


def _whole(value: Any) -> int:
    """Return a number of an export. Raise ValueError for 1E+999999999, which would become a number of that length."""
    text = str(value)
    if len(text) > 10 or not text.isdecimal():
        raise ValueError
    return int(text)


def _keycloak_argon2(secret: Mapping[str, str], data: Mapping[str, Any], iterations: int) -> str:
    parameters = {name: values[0] for name, values in data["additionalParameters"].items()}
    version = {"1.0": 16, "1.3": 19}[parameters.get("version", "1.3")]
    cost = f"m={_whole(parameters['memory'])},t={iterations},p={_whole(parameters['parallelism'])}"
    salt, value = (str(secret[name]).rstrip("=") for name in ("salt", "value"))
    return f"$argon2{parameters.get('type', 'id')}$v={version}${cost}${salt}${value}"
