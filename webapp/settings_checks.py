"""Checks of settings, and the values that follow from them: addresses of databases, the secret key."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

SECRET_KEY_MIN = 32
PASSPHRASE_MIN = 16
# Characters of SECRET_KEY that must be left in production without words and repetitions. A random key of 32 characters
# contains such a word once in eleven times, and four of them never.
RANDOM_CHARACTERS_MIN = 20
DISTINCT_CHARACTERS_MIN = 8
WORD_MIN = 4


class SettingsError(Exception):
    """A setting is missing or wrong. The message is one sentence for the person who starts Rollcall."""


def check_networks(variable: str, networks: list[str]) -> None:
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise SettingsError(f"{variable} is not right: {error}.") from None


def check_passphrase(passphrase: str) -> None:
    if passphrase and len(passphrase) < PASSPHRASE_MIN:
        raise SettingsError(
            f"BACKUP_PASSPHRASE has {len(passphrase)} characters and needs {PASSPHRASE_MIN} at least."
            " Make one: openssl rand -hex 32"
        )


def host_of(base_url: str) -> str:
    """Return the host of BASE_URL. Raise SettingsError if it is no plain origin, because links start at `/`."""
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not base_url.startswith(("http://", "https://")):
        raise SettingsError("BASE_URL has to start with http:// or https:// and name a host.")
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError(
            f"BASE_URL must end after the host and port, for example {parts.scheme}://rollcall.example.org:"
            " Rollcall needs a host name of its own and cannot run under a path."
        )
    return host


def replica_urls(texts: list[str], root: Path, *, primary: str) -> list[str]:
    """Return the URLs of the replicas. Only PostgreSQL has replicas."""
    urls = [database_url(text, root, "DATABASE_REPLICA_URLS") for text in texts]
    if urls and not all(url.startswith("postgres") for url in [primary, *urls]):
        raise SettingsError("DATABASE_REPLICA_URLS needs PostgreSQL, there and in DATABASE_URL.")
    return list(dict.fromkeys(urls))


def database_url(text: str, root: Path, variable: str = "DATABASE_URL") -> str:
    """Return the URL with its driver: SQLAlchemy 2.1 takes psycopg 3 for plain postgresql://, and we ship psycopg2."""
    if not text:
        return f"sqlite:///{root / 'instance' / 'rollcall.db'}"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(
            f"{variable} is not a database address; it looks like postgresql://user:password@host:5432/name"
            " or sqlite:////folder/file.db."
        ) from None
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg2"}:
        return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    if url.drivername in {"sqlite", "sqlite+pysqlite"} and url.database and url.database != ":memory:":
        return text
    raise SettingsError(f"{variable} names {url.drivername}; Rollcall runs on postgresql and on a sqlite file.")


def secret_key(key: str, root: Path, *, in_production: bool) -> str:
    """Return the key, or if it is empty that of `instance/secret_key`. In production it is required."""
    if key:
        if len(key) < SECRET_KEY_MIN:
            raise SettingsError(f"SECRET_KEY has {len(key)} characters and needs {SECRET_KEY_MIN} at least.")
        if in_production and _is_guessable(key):
            raise SettingsError(
                "SECRET_KEY is easy to guess: it is made of words or repeats itself. Make one: openssl rand -hex 32"
            )
        return key
    if in_production:
        raise SettingsError("SECRET_KEY is required when APP_ENV is production.")
    return _secret_key_of_file(root / "instance" / "secret_key")


def _is_guessable(key: str) -> bool:
    """Return whether words, leaked passwords, repetitions and sequences like `abc` make up most of the key."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  1 MB, needed only here and for new passwords

    words = frozenset(word for ranked in FREQUENCY_LISTS.values() for word in ranked)
    rest = re.sub(r"(.+?)\1+", r"\1", key.lower())
    for length in range(len(rest), WORD_MIN - 1, -1):
        for start in range(len(rest) - length + 1):
            word = rest[start : start + length]
            if word in words:
                rest = rest.replace(word, " " * length)
    letters = re.sub(r"[\W_]", "", rest)
    rest = "".join(letter for before, letter in pairwise(f" {letters}") if ord(letter) - ord(before) != 1)
    return len(rest) < RANDOM_CHARACTERS_MIN or len(set(rest)) < DISTINCT_CHARACTERS_MIN


def _secret_key_of_file(path: Path) -> str:
    """Return the key in the file. Create the file if there is none; simultaneous starts agree on one key."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            # A link is atomic: no process reads an incomplete key, and the first link wins.
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        # A folder of an older version was readable by others.
        with contextlib.suppress(PermissionError):
            path.parent.chmod(0o700)
        key = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"{path.parent} cannot be written: {error.strerror}.") from None
    if len(key) < SECRET_KEY_MIN:
        raise SettingsError(f"{path} is damaged: remove it, and a new key is made. Everyone has to sign in again.")
    return key
