"""Encrypted secrets: who can read them, and that changes are noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import SecretStr

from webapp.core.sealing import NotReadable, seal, unseal
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
SEED = "a seed of one-time codes"
OLD_KEY = SecretStr("a secret key of more than 32 characters")
NEW_KEY = SecretStr("another secret key of more than 32 characters")


def test_a_text_is_read_back_and_never_encrypted_alike(app: App) -> None:
    with app.app_context():
        first, second = seal(SEED), seal(SEED)
        assert (unseal(first), unseal(second)) == (SEED, SEED)
    assert SEED not in first
    assert first != second


def test_a_changed_text_is_not_readable(app: App) -> None:
    with app.app_context():
        sealed = seal(SEED)
        for place in (0, len(sealed) // 2, len(sealed) - 5):
            changed = sealed[:place] + ("B" if sealed[place] == "A" else "A") + sealed[place + 1 :]
            with pytest.raises(NotReadable):
                unseal(changed)


def test_another_key_reads_it_only_as_the_successor(app: App, change_settings: Callable[..., None]) -> None:
    with app.app_context():
        change_settings(secret_key=OLD_KEY)
        sealed = seal(SEED)
        change_settings(secret_key=NEW_KEY)
        with pytest.raises(NotReadable):
            unseal(sealed)
        change_settings(secret_key=NEW_KEY, secret_key_previous=OLD_KEY)
        assert unseal(sealed) == SEED
