"""Settings: typed, checked, read once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from webapp.settings import Settings, SettingsError, load_settings


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h:5432/d", "postgresql+psycopg2://u:p@h:5432/d"),
        ("postgresql://u:p%40ss@h/d", "postgresql+psycopg2://u:p%40ss@h/d"),
        ("postgresql+psycopg2:///d?host=/var/run", "postgresql+psycopg2:///d?host=%2Fvar%2Frun"),
        ("sqlite:////data/r.db", "sqlite:////data/r.db"),
    ],
)
def test_a_database_address_gets_its_driver(given: str, used: str) -> None:
    assert load_settings({"DATABASE_URL": given, "SECRET_KEY": "x" * 40}).database_url == used


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
        ({"BASE_URL": "people.example"}, "BASE_URL"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"APP_ENV": "production"}, "SECRET_KEY"),
        ({"APP_ENV": "staging"}, "APP_ENV"),
        ({"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8,nonsense"}, "TRUSTED_PROXIES"),
        ({"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
        ({"BASE_URL": "http://["}, "BASE_URL"),
        ({"DATABASE_URL": "postgresql://u@h:abc/db"}, "DATABASE_URL"),
    ],
)
def test_a_wrong_one_is_named_in_one_sentence(tmp_path: Path, given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refusal:
        load_settings(given, root=tmp_path)
    assert "\n" not in str(refusal.value)


def test_a_secret_can_come_out_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("y" * 40 + "\n")
    settings = load_settings({"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_key.get_secret_value() == "y" * 40


def test_the_embedded_default_makes_its_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first, second = (load_settings({}, root=tmp_path).secret_key.get_secret_value() for _start in range(2))
    assert first == second
    assert len(first) >= 64
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600


def test_no_secret_shows_in_its_words() -> None:
    settings = load_settings({"SECRET_KEY": "z" * 40, "ROLLCALL_ADMIN_PASSWORD": "hunter2hunter2hunter2"})
    assert "zzzz" not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_production_hashes_at_the_documented_cost() -> None:
    settings = load_settings({"APP_ENV": "production", "SECRET_KEY": "x" * 40})
    assert settings.password_hash_method == "scrypt:32768:8:3"
    assert settings.log_format == "json"
    assert settings.trusted_hosts == ["127.0.0.1", "localhost"]


def test_it_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings({"SECRET_KEY": "x" * 40}).bind = "elsewhere"
    assert Settings.model_config["frozen"] is True


def test_a_damaged_kept_key_is_told_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").write_text("")
    with pytest.raises(SettingsError, match="is damaged: remove it"):
        load_settings({}, root=tmp_path)


def test_a_secret_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SettingsError, match="it is no text"):
        load_settings({"SECRET_KEY_FILE": str(tmp_path / "key")})


def test_an_empty_variable_leaves_its_file_in_force(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("y" * 40)
    settings = load_settings({"SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_key.get_secret_value() == "y" * 40
