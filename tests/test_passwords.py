"""The password policy and password hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from webapp.core.context import Context, Registry, current_context
from webapp.core.errors import Invalid
from webapp.core.passwords import (
    PASSWORD_MIN_WITH_FACTOR,
    Hasher,
    check_password,
    common_passwords,
    hash_password,
    needs_rehash,
    verify_password,
)
from webapp.settings import load_settings


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "перекличка в полдень",
        "x" * 14 + "yzabc",
        "😀🎉🚀🌍💡" * 3,
        "aB3$ aB3$ aB3$ zQ",
        "one long phrase of many words, " * 8,
    ],
)
def test_long_passwords_of_any_script_are_accepted(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("a" * 14, "too_short"),
        ("ﷺ" * 257, "too_long"),
        ("п" * 600, "too_long"),
        ("correct horse\x00battery", "hidden_character"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("passwordpassword", "common"),
        ("qwertyuiop12345!", "common"),
        ("IvanovAnton12345", "personal"),
        ("rollcallrollcall", "personal"),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_password(password, personal=["Anton Ivanov", "anton.ivanov@example.com"])
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_the_list_of_common_passwords_is_long_enough() -> None:
    assert len(common_passwords()) >= 10_000
    # Not counting those that are too short for everyone.
    assert sum(len(password) >= PASSWORD_MIN_WITH_FACTOR for password in common_passwords()) >= 3000


@pytest.fixture
def use_method() -> Iterator[Callable[[str], None]]:
    """Return a function that sets the method of new hashes, without an app."""
    registry = Registry(load_settings({"APP_ENV": "testing"}))
    outer = current_context.get()
    current_context.set(Context(registry, lambda: "en", lambda: "en", lambda: "UTC", lambda: False))
    yield lambda method: registry.add(Hasher(method, processes=1, threads=4))
    current_context.set(outer)


def test_unicode_forms_of_a_password_are_equal(use_method: Callable[[str], None]) -> None:
    use_method("scrypt:1024:8:1")
    stored = hash_password("Cafe\u0301 au lait \ufb01n")
    assert verify_password(stored, "Caf\u00e9 au lait fin")


def test_a_hash_of_another_cost_needs_a_rehash(use_method: Callable[[str], None]) -> None:
    use_method("scrypt:1024:8:1")
    stored = hash_password("correct horse battery staple")
    assert not needs_rehash(stored)
    use_method("scrypt:2048:8:1")
    assert needs_rehash(stored)


def test_a_missing_hash_matches_no_password(use_method: Callable[[str], None]) -> None:
    use_method("scrypt:1024:8:1")
    assert not verify_password(None, "any password")
