"""Every setting of Rollcall, typed, checked and read once. The only reader of the environment."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
SECRET_KEY_MIN = 32
# Characters of SECRET_KEY that must be left in production without words and repetitions. A random key of 32 characters
# contains such a word once in eleven times, and four of them never.
RANDOM_CHARACTERS_MIN = 20
DISTINCT_CHARACTERS_MIN = 8
WORD_MIN = 4

# What differs between the environments, and nothing else does.
DIFFERENCES: dict[str, dict[str, Any]] = {
    "development": {},
    # scrypt at its real cost takes 0.3 s: a test suite that hashes hundreds of passwords uses a cheap one.
    "testing": {
        "password_hash_method": "scrypt:1024:8:1",
        "secret_key": "testing " * 5,
        "celery_broker_url": "memory://",
    },
    "production": {"log_format": "json"},
}


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence for the person who starts Rollcall."""


def _words(value: object) -> object:
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


Words = Annotated[list[str], BeforeValidator(_words)]


class Settings(BaseModel):
    """One field a setting; the environment variable is the field's name in capitals."""

    model_config = ConfigDict(frozen=True)

    app_env: Literal["development", "testing", "production"] = Field(
        "development", description="Which column of the table of differences applies."
    )
    database_url: str = Field(
        "",
        description="Where the data is. Empty: the SQLite file `instance/rollcall.db`. PostgreSQL: `postgresql://…`.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs cookies and cursors, at least 32 characters. Empty: made once in `instance/secret_key`"
        " (mode 600); required in production.",
    )
    bind: str = Field("127.0.0.1:8000", description="Address and port that gunicorn listens on.")
    base_url: str = Field("", description="The address people type. Empty: `http://` and `BIND`.")
    web_concurrency: int = Field(2, ge=1, le=64, description="gunicorn worker processes.")
    trusted_proxies: Words = Field(
        default=[], description="Networks whose `X-Forwarded-*` headers are believed, with commas: `10.0.0.0/8`."
    )
    trusted_hosts: Words = Field(
        default=[],
        description="Host names that are answered, with commas. localhost always is. Empty: in production the one of"
        " `BASE_URL`, elsewhere any.",
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="Log lines for people (`console`) or machines (`json`, the default in production)."
    )
    rollcall_admin_email: str = Field("", description="E-mail of the first owner, made only while there is no user.")
    rollcall_admin_password: SecretStr = Field(SecretStr(""), description="Password of that owner.")
    celery_broker_url: str = Field(
        "",
        description="The bell that wakes workers: `redis://…`, `amqp://…`."
        " Empty: the SQLite file `instance/broker.db`.",
    )
    mail_url: str = Field(
        "console:",
        pattern=r"^(console:|file:///|smtps?://)",
        description="Where mail goes: `console:` (the terminal), `file:///folder`, `smtp://user:pass@host:port`"
        " (STARTTLS, except on this machine), `smtps://…` (TLS from the start).",
    )
    mail_from: str = Field("Rollcall <rollcall@localhost>", description="From whom mail comes.")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Who sends it as a Bearer token may read `/metrics`. Empty: `/metrics` is off."
    )
    session_idle_minutes: int = Field(
        15, ge=1, le=24 * 60, description="A session unused for this many minutes is over."
    )
    reason_required: Words = Field(
        default=[],
        description="Changes that ask for a reason, by their names in the audit trail, with commas:"
        " `user.deactivated,role.granted`.",
    )
    session_hours: int = Field(12, ge=1, le=24 * 30, description="A session is over after this many hours.")
    bin_days: int = Field(
        30, ge=1, le=3650, description="Deleted people can be restored for this many days; then they are erased."
    )
    password_hash_method: str = Field(
        "scrypt:32768:8:3", description="Werkzeug's method for new hashes; older ones are renewed at sign-in."
    )

    @property
    def secure(self) -> bool:
        """Whether people reach Rollcall by HTTPS."""
        return self.base_url.startswith("https://")

    @property
    def embedded(self) -> bool:
        """Whether the data is in a SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def proxies(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        return [ipaddress.ip_network(network) for network in self.trusted_proxies]


def load_settings(environ: Mapping[str, str] | None = None, *, root: Path = ROOT) -> Settings:
    """The settings of `environ` (default: this process's, over `.env` unless in production).

    Raises SettingsError with one sentence that names the variable.
    """
    given = dict(os.environ if environ is None else environ)
    if environ is None and given.get("APP_ENV") != "production":
        given = {key: value for key, value in dotenv_values(root / ".env").items() if value} | given
    differences = DIFFERENCES.get(given.get("APP_ENV", "development"), {})
    values = differences | {name: text for name in Settings.model_fields if (text := _text(name, given))}
    try:
        settings = Settings(**values)
        settings.proxies  # noqa: B018  a wrong network is refused here and not at the first request
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise SettingsError(f"{str(first['loc'][0]).upper()} is not right: {first['msg']}.") from None
    except ValueError as error:
        raise SettingsError(f"TRUSTED_PROXIES is not right: {error}.") from None
    return settings.model_copy(update=_completed(settings, root))


def _text(name: str, given: Mapping[str, str]) -> str:
    """The variable NAME, else the contents of the file that NAME_FILE names."""
    variable = name.upper()
    path = given.get(f"{variable}_FILE")
    if given.get(variable) or not path:
        return given.get(variable, "")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{variable}_FILE names {path}, which cannot be read: {reason}.") from None


def _completed(settings: Settings, root: Path) -> dict[str, Any]:
    base_url = settings.base_url.rstrip("/") or f"http://{settings.bind}"
    try:
        host = urlsplit(base_url).hostname
    except ValueError:
        host = None
    if not base_url.startswith(("http://", "https://")) or not host:
        raise SettingsError("BASE_URL has to start with http:// or https:// and name a host.")
    hosts = settings.trusted_hosts
    if not hosts and settings.app_env == "production":
        hosts = [host]
    # The health checks of the machine itself come by these.
    hosts = [*dict.fromkeys([*hosts, "localhost", "127.0.0.1"])] if hosts else []
    return {
        "base_url": base_url,
        "trusted_hosts": hosts,
        "database_url": _database_url(settings.database_url, root),
        "celery_broker_url": settings.celery_broker_url or f"sqla+sqlite:///{root / 'instance' / 'broker.db'}",
        "secret_key": SecretStr(_secret_key(settings, root)),
    }


def _database_url(given: str, root: Path) -> str:
    """`given` with its driver named: plain postgresql:// means psycopg 3 to SQLAlchemy 2.1, and we ship psycopg2."""
    if not given:
        return f"sqlite:///{root / 'instance' / 'rollcall.db'}"
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "DATABASE_URL is not a database address; it looks like postgresql://user:password@host:5432/name"
            " or sqlite:////folder/file.db."
        ) from None
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg2"}:
        return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    if url.drivername in {"sqlite", "sqlite+pysqlite"} and url.database and url.database != ":memory:":
        return given
    raise SettingsError(f"DATABASE_URL names {url.drivername}; Rollcall runs on postgresql and on a sqlite file.")


def _secret_key(settings: Settings, root: Path) -> str:
    key = settings.secret_key.get_secret_value()
    if key:
        if len(key) < SECRET_KEY_MIN:
            raise SettingsError(f"SECRET_KEY has {len(key)} characters and needs {SECRET_KEY_MIN} at least.")
        if settings.app_env == "production" and _is_guessable(key):
            raise SettingsError(
                "SECRET_KEY is easy to guess: it is made of words or repeats itself. Make one: openssl rand -hex 32"
            )
        return key
    if settings.app_env == "production":
        raise SettingsError("SECRET_KEY is required when APP_ENV is production.")
    return _kept_secret_key(root / "instance" / "secret_key")


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


def _kept_secret_key(path: Path) -> str:
    """The key in the file, which is made when there is none: whole or not at all, and once, whoever starts at once."""
    try:
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        key = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"{path.parent} cannot be written: {error.strerror}.") from None
    if len(key) < SECRET_KEY_MIN:
        raise SettingsError(f"{path} is damaged: remove it, and a new key is made. Everybody has to sign in again.")
    return key
