"""Settings from the environment and from files."""

from __future__ import annotations

import secrets
import stat
from pathlib import Path

import pytest

from tests.server import SECRET_KEY
from webapp.settings import Settings, load_settings
from webapp.settings_checks import SettingsError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h:5432/d", "postgresql+psycopg2://u:p@h:5432/d"),
        ("postgresql://u:p%40ss@h/d", "postgresql+psycopg2://u:p%40ss@h/d"),
        ("postgresql+psycopg2:///d?host=/var/run", "postgresql+psycopg2:///d?host=%2Fvar%2Frun"),
        ("sqlite:////data/r.db", "sqlite:////data/r.db"),
    ],
)
def test_a_database_url_gets_a_driver(url: str, expected: str) -> None:
    assert load_settings({"DATABASE_URL": url, "SECRET_KEY": "x" * 40}).database_url == expected


@pytest.mark.parametrize(
    ("environment", "setting"),
    [
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
        ({"DATABASE_REPLICA_URLS": "postgresql://db2/r"}, "DATABASE_REPLICA_URLS"),
        ({"DATABASE_URL": "postgresql://db1/r", "DATABASE_REPLICA_URLS": "db2,db3"}, "DATABASE_REPLICA_URLS"),
        ({"BASE_URL": "people.example"}, "BASE_URL"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"APP_ENV": "production"}, "SECRET_KEY"),
        ({"APP_ENV": "staging"}, "APP_ENV"),
        ({"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8,nonsense"}, "TRUSTED_PROXIES"),
        ({"WEBHOOK_ALLOWED_NETWORKS": "10.0.0.1/8"}, "WEBHOOK_ALLOWED_NETWORKS"),
        ({"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
        ({"BASE_URL": "http://["}, "BASE_URL"),
        ({"BASE_URL": "http://people.example:port"}, "BASE_URL"),
        ({"DATABASE_URL": "postgresql://u@h:abc/db"}, "DATABASE_URL"),
    ],
)
def test_an_error_names_the_invalid_setting_in_one_line(
    tmp_path: Path, environment: dict[str, str], setting: str
) -> None:
    with pytest.raises(SettingsError, match=setting) as refusal:
        load_settings(environment, root=tmp_path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("rest", ["/rollcall", "/rollcall/", "?x=1", "#top"])
def test_a_base_url_with_a_path_is_refused(tmp_path: Path, rest: str) -> None:
    with pytest.raises(SettingsError, match="BASE_URL must end after the host and port") as refusal:
        load_settings({"BASE_URL": f"https://people.example{rest}"}, root=tmp_path)
    assert "\n" not in str(refusal.value)


def test_a_base_url_without_a_path_is_accepted(tmp_path: Path) -> None:
    for url in ("https://people.example", "https://people.example/", "http://[::1]:8000"):
        assert load_settings({"BASE_URL": url}, root=tmp_path).base_url == url.rstrip("/")


def test_a_secret_can_be_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("y" * 40 + "\n")
    settings = load_settings({"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_key.get_secret_value() == "y" * 40


def test_the_default_secret_key_is_created_once_in_a_private_file(tmp_path: Path) -> None:
    first, second = (load_settings({}, root=tmp_path).secret_key.get_secret_value() for _start in range(2))
    assert first == second
    assert len(first) >= 64
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600


def test_secrets_are_not_in_the_repr() -> None:
    settings = load_settings({"SECRET_KEY": "z" * 40, "ROLLCALL_ADMIN_PASSWORD": "hunter2hunter2hunter2"})
    assert "zzzz" not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_production_has_the_documented_defaults() -> None:
    settings = load_settings({"APP_ENV": "production", "SECRET_KEY": SECRET_KEY})
    assert settings.password_hash_method == "scrypt:32768:8:3"
    assert settings.log_format == "json"
    assert settings.trusted_hosts == ["127.0.0.1", "localhost"]


@pytest.mark.parametrize(
    "key",
    [
        "changeme" * 4,
        "changeme-changeme-changeme-changeme",
        "x" * 40,
        "abc123" * 6,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "0123456789abcdef" * 2,
        "correct horse battery staple correct horse battery",
        "please-change-this-secret-key-before-production-use",
        "rollcall-production-secret-key-2026-acme",
    ],
)
def test_production_refuses_a_guessable_key(key: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY is easy to guess") as refusal:
        load_settings({"APP_ENV": "production", "SECRET_KEY": key})
    assert key not in str(refusal.value)


def test_production_accepts_random_keys() -> None:
    for make in [secrets.token_hex, secrets.token_urlsafe] * 20:
        key = make(32)
        settings = load_settings({"APP_ENV": "production", "SECRET_KEY": key})
        assert settings.secret_key.get_secret_value() == key


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings({"SECRET_KEY": "x" * 40}).bind = "elsewhere"
    assert Settings.model_config["frozen"] is True


def test_a_damaged_secret_key_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").write_text("")
    with pytest.raises(SettingsError, match="is damaged: remove it"):
        load_settings({}, root=tmp_path)


def test_a_binary_secret_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SettingsError, match="it is no text"):
        load_settings({"SECRET_KEY_FILE": str(tmp_path / "key")})


def test_an_empty_variable_does_not_override_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("y" * 40)
    settings = load_settings({"SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_key.get_secret_value() == "y" * 40
