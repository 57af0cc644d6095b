"""The settings of Rollcall, typed and read once. Nothing else reads the environment."""

from __future__ import annotations

import hashlib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from webapp.settings_checks import (
    SettingsError,
    check_networks,
    check_passphrase,
    database_url,
    host_of,
    replica_urls,
    secret_key,
)

PACKAGE = Path(__file__).resolve().parent
# What a checkout has beside the package, a wheel has in it: templates, static, migrations, gunicorn.conf.py and more.
RESOURCES = PACKAGE / "resources" if (PACKAGE / "resources").is_dir() else PACKAGE.parent
# The folder of `instance/` and `.env`: the checkout, or for an installed Rollcall the folder in which it is started.
ROOT = RESOURCES if PACKAGE.parent == RESOURCES else Path.cwd()
# The value of a limit that switches it off.
UNLIMITED = "off"
# gunicorn's threads in each worker process.
REQUEST_THREADS = 4

# Defaults that differ between environments.
ENVIRONMENT_DEFAULTS: dict[str, dict[str, Any]] = {
    "development": {},
    # scrypt takes 0.3 s at its usual cost. Tests hash thousands of passwords.
    "testing": {
        "password_hash_method": "scrypt:128:8:1",
        "secret_key": "testing " * 5,
        "celery_broker_url": "memory://",
        "login_limit": UNLIMITED,
        "api_limit": UNLIMITED,
        "reset_limit": UNLIMITED,
        "export_limit": UNLIMITED,
        "mfa_required": "off",
        "password_change_required": "off",
    },
    "production": {"log_format": "json"},
}


def _split_words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


Words = Annotated[list[str], BeforeValidator(lambda value: _split_words(value) if isinstance(value, str) else value)]
Limit = Annotated[str, Field(pattern=r"^(off|\d+/\d*(second|minute|hour|day)s?)$")]
# The absolute path of a folder, or nothing.
Folder = Annotated[str, Field(pattern=r"^$|^/")]


class Settings(BaseModel):
    """The environment variable of each field is its name in capitals."""

    model_config = ConfigDict(frozen=True)

    app_env: Literal["development", "testing", "production"] = Field(
        "development", description="The environment: `development`, `testing` or `production`."
    )
    database_url: str = Field(
        "",
        description="Address of the database. Empty: the SQLite file `instance/rollcall.db`. PostgreSQL: `postgresql://…`.",
    )
    database_replica_urls: Words = Field(
        default=[],
        description="Addresses of replicas of the PostgreSQL database, separated by commas. Lists, searches and reports"
        " read from them, except for people who just changed something.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs cookies and cursors. At least 32 characters. Empty: created once in `instance/secret_key`"
        " (mode 600). Required in production.",
    )
    secret_key_previous: SecretStr = Field(
        SecretStr(""),
        description="Older values of `SECRET_KEY`, separated by commas. What was signed or encrypted with them stays"
        " readable.",
    )
    bind: str = Field("127.0.0.1:8000", description="Address and port on which gunicorn listens.")
    base_url: str = Field("", description="The address that people type, without a path. Empty: `http://` and `BIND`.")
    web_concurrency: int = Field(2, ge=1, le=64, description="Number of gunicorn worker processes.")
    trusted_proxies: Words = Field(
        default=[],
        description="Networks whose `X-Forwarded-*` headers are believed, separated by commas: `10.0.0.0/8`.",
    )
    trusted_hosts: Words = Field(
        default=[],
        description="Host names that Rollcall answers to, separated by commas; localhost always works. Empty: in"
        " production the host of `BASE_URL`, elsewhere any.",
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="Log lines for people (`console`) or machines (`json`, the default in production)."
    )
    rollcall_admin_email: str = Field(
        "", description="E-mail address of the first owner. Used only while there are no users."
    )
    rollcall_admin_password: SecretStr = Field(SecretStr(""), description="Password of the first owner.")
    celery_broker_url: str = Field(
        "",
        description="Message broker that wakes workers: `redis://…` or `amqp://…`."
        " Empty: the SQLite file `instance/broker.db`.",
    )
    mail_url: str = Field(
        "console:",
        pattern=r"^(console:|file:///|smtps?://)",
        description="Where mail goes: `console:` (the terminal), `file:///folder`, `smtp://user:pass@host:port`"
        " (STARTTLS, except on this machine), `smtps://…` (TLS from the start).",
    )
    mail_from: str = Field("Rollcall <rollcall@localhost>", description="Sender of mail.")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token that may read `/metrics`. Empty: `/metrics` is off."
    )
    otel_exporter_otlp_endpoint: str = Field(
        "",
        pattern=r"^$|^https?://",
        description="Address of an OpenTelemetry collector (OTLP by HTTP) for traces: `http://127.0.0.1:4318`."
        " Empty: no traces.",
    )
    otel_exporter_otlp_headers: SecretStr = Field(
        SecretStr(""), description="Headers for the collector, separated by commas: `Authorization=Bearer%20secret`."
    )
    otel_service_name: str = Field("rollcall", description="Name of this Rollcall in traces.")
    otel_traces_sampler_arg: float = Field(
        1.0, ge=0, le=1, description="Share of requests and scheduled jobs that are traced, from 0 to 1."
    )
    session_idle_minutes: int = Field(
        15, ge=1, le=24 * 60, description="A session ends when it was not used for this many minutes."
    )
    reason_required: Words = Field(
        default=[],
        description="Audit actions that need a reason, separated by commas: `user.deactivated,role.granted`.",
    )
    session_hours: int = Field(12, ge=1, le=24 * 30, description="A session ends after this many hours.")
    bin_days: int = Field(
        30, ge=1, le=3650, description="Deleted people can be restored for this many days. Then they are erased."
    )
    security_event_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Security events, such as failed sign-ins, are kept for this many days. Those that the target of"
        " the event stream has not received are kept for up to 30 days in any case.",
    )
    redis_url: str = Field(
        "",
        pattern=r"^$|^(rediss?|unix)://",
        description="Redis server that counts requests for the limits below. Empty: each worker process counts its"
        " own.",
    )
    login_limit: Limit = Field(
        "10/5minutes",
        description="Failed sign-ins that an account, and an address, may have in this time. `off`: no limit.",
    )
    reset_limit: Limit = Field(
        "5/day",
        description="Password resets that an account may request in this time. `off`: no limit.",
    )
    mfa_required: Literal["staff", "everyone", "off"] = Field(
        "staff",
        description="Who must have a second factor: `staff` (people with a permission), `everyone`, or no one (`off`).",
    )
    mfa_grace_days: int = Field(
        14, ge=0, le=365, description="For this many days, people who must add a second factor are only asked to."
    )
    password_change_required: Literal["on", "off"] = Field(
        "on", description="Whether people must change a password that someone else set, at their first sign-in."
    )
    api_limit: Limit = Field(
        "600/minute", description="Requests that an API token may send in this time. `off`: no limit."
    )
    export_limit: Limit = Field("10/hour", description="Files that a person may export in this time. `off`: no limit.")
    webhook_allowed_networks: Words = Field(
        default=[],
        description="Internal networks that webhooks, feeds and the event stream may reach, separated by commas:"
        " `10.1.2.0/24`.",
    )
    backup_dir: Folder = Field(
        "",
        description="Folder for scheduled backups, on a disk that all workers reach. Empty: none are scheduled.",
    )
    backup_hours: int = Field(24, ge=1, le=24 * 30, description="A scheduled backup is created after this many hours.")
    backup_keep: int = Field(14, ge=1, le=10_000, description="How many scheduled backups are kept.")
    backup_passphrase: SecretStr = Field(
        SecretStr(""),
        description="Encrypts backups and archives of the audit trail. Without it they can never be read. Empty: they"
        " are not encrypted.",
    )
    audit_archive_dir: Folder = Field(
        "",
        description="Folder for archives of the audit trail, on a disk that all workers reach. Empty: records are not"
        " archived by a schedule.",
    )
    audit_keep_days: int = Field(
        730,
        ge=30,
        le=36_500,
        description="Audit records stay in the database for this many days, and until the end of the month after. Then"
        " they are archived, if `AUDIT_ARCHIVE_DIR` is set.",
    )
    export_dir: Folder = Field(
        "",
        description="Folder into which scheduled exports can be written. All workers must reach it. Empty: they are not"
        " written to a folder.",
    )
    feed_dir: Folder = Field(
        "",
        description="Folder below which feeds read files to import. All workers must reach it. Empty: feeds read no"
        " folder.",
    )
    import_mb_max: int = Field(256, ge=1, le=4096, description="The largest file that can be imported, in megabytes.")
    password_hash_method: str = Field(
        "scrypt:32768:8:3",
        description="Werkzeug's method for new password hashes. Older hashes are replaced at sign-in.",
    )

    @property
    def previous_secret_keys(self) -> list[str]:
        return _split_words(self.secret_key_previous.get_secret_value())

    @property
    def secure(self) -> bool:
        """Return whether people use HTTPS."""
        return self.base_url.startswith("https://")

    @property
    def instance_name(self) -> str:
        """Return a name that differs between instances on one host, for what they share: cookies and Redis."""
        return "rollcall-" + hashlib.sha256(self.base_url.encode()).hexdigest()[:8]

    @property
    def cookie_name(self) -> str:
        return f"__Host-{self.instance_name}" if self.secure else self.instance_name

    @property
    def embedded(self) -> bool:
        """Return whether the database is a SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def proxies(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        return [ipaddress.ip_network(network) for network in self.trusted_proxies]

    @property
    def outgoing_networks(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        return [ipaddress.ip_network(network) for network in self.webhook_allowed_networks]


def load_settings(environ: Mapping[str, str] | None = None, *, root: Path = ROOT) -> Settings:
    """Return the settings of `environ`. Raise SettingsError with one sentence that names the wrong variable.

    Without `environ`, read the environment of this process and, unless in production, the file `.env`.
    """
    variables = dict(os.environ if environ is None else environ)
    if environ is None and variables.get("APP_ENV") != "production":
        variables = {key: value for key, value in dotenv_values(root / ".env").items() if value} | variables
    defaults = ENVIRONMENT_DEFAULTS.get(variables.get("APP_ENV", "development"), {})
    values = defaults | {name: text for name in Settings.model_fields if (text := _read_variable(name, variables))}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise SettingsError(f"{str(first['loc'][0]).upper()} is not right: {first['msg']}.") from None
    # They fail now, not at the first request.
    check_networks("TRUSTED_PROXIES", settings.trusted_proxies)
    check_networks("WEBHOOK_ALLOWED_NETWORKS", settings.webhook_allowed_networks)
    check_passphrase(settings.backup_passphrase.get_secret_value())
    return settings.model_copy(update=_computed_values(settings, root))


def _read_variable(name: str, variables: Mapping[str, str]) -> str:
    """Return the variable NAME. If it is empty, return the contents of the file that NAME_FILE names."""
    variable = name.upper()
    path = variables.get(f"{variable}_FILE")
    if variables.get(variable) or not path:
        return variables.get(variable, "")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{variable}_FILE names {path}, which cannot be read: {reason}.") from None


def _computed_values(settings: Settings, root: Path) -> dict[str, Any]:
    in_production = settings.app_env == "production"
    base_url = settings.base_url.rstrip("/") or f"http://{settings.bind}"
    host = host_of(base_url) if settings.base_url else settings.bind.rpartition(":")[0].strip("[]")
    hosts = settings.trusted_hosts or ([host] if in_production else [])
    return {
        "base_url": base_url,
        # Health checks of the same machine use these names.
        "trusted_hosts": [*dict.fromkeys([*hosts, "localhost", "127.0.0.1"])] if hosts else [],
        "database_url": database_url(settings.database_url, root),
        "database_replica_urls": replica_urls(settings.database_replica_urls, root, primary=settings.database_url),
        "celery_broker_url": settings.celery_broker_url or f"sqla+sqlite:///{root / 'instance' / 'broker.db'}",
        "secret_key": SecretStr(secret_key(settings.secret_key.get_secret_value(), root, in_production=in_production)),
    }
