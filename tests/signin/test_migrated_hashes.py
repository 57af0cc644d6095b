"""People who come from another system sign in with their old password. Its hash is replaced by Rollcall's."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from itertools import count
from typing import Any

import argon2
import bcrypt
import pytest
from sqlalchemy import update

from tests.clients import Browser
from tests.factories import People
from tests.imports.reading import DATA, rows_of
from webapp.core.foreign_hashes import from_keycloak, usable_hash, verify_foreign
from webapp.db.session import db
from webapp.users.models import User
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

EXPECTED = json.loads((DATA / "systems" / "expected.json").read_text())
PLAIN = "перекличка в полдень 1024"
LONG = "й" * 60


def argon2_hash(password: str = PLAIN, **costs: int) -> str:
    return argon2.PasswordHasher(**{"time_cost": 1, "memory_cost": 64, "parallelism": 1} | costs).hash(password)


def bcrypt_hash(password: bytes) -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()


@pytest.mark.parametrize("name", ["django-dumpdata.json", "keycloak-realm.json"])
def test_a_person_of_an_export_signs_in_once_and_gets_a_new_hash(
    app: App, people: People, visitor: Browser, name: str
) -> None:
    expected = EXPECTED[name]["sign_in_with"]
    row = next(row for row in rows_of((DATA / "systems" / name).read_bytes()) if row.email == expected["email"])
    user = people.create(email=expected["email"], invite=False)
    with app.app_context():
        db.session.execute(update(User).where(User.id == user.id).values(password_hash=row.password_hash))
        db.session.commit()
    assert visitor.post("/login", email=row.email, password="перекличка в полдень 1025").status_code != 303
    assert visitor.post("/login", email=row.email, password=expected["password"]).status_code == 303
    stored = people.row(email=row.email)
    assert stored is not None
    assert stored["password_hash"].startswith("scrypt:")
    assert Browser(app).post("/login", email=row.email, password=expected["password"]).status_code == 303


@pytest.mark.parametrize(
    "stored",
    [
        "argon2" + argon2_hash(),
        argon2_hash(),
        "{ARGON2}" + argon2_hash(),
        "bcrypt$" + bcrypt_hash(PLAIN.encode()),
        bcrypt_hash(PLAIN.encode()),
        bcrypt_hash(PLAIN.encode()).replace("$2b$", "$2y$"),
        "{CRYPT}" + bcrypt_hash(PLAIN.encode()),
        "pbkdf2_sha1$1000$salt$/RJiV+FaZLoKUx22XmzX7tlS9OQ=",
        "scrypt$16384$salt$8$1$",
    ],
    # Hashes have random salts, and the processes of a run must agree on the names of the tests.
    ids=count(),
)
def test_hashes_of_each_format_are_verified(stored: str) -> None:
    if stored.startswith(("pbkdf2_sha1", "scrypt")):
        stored = _computed(stored)
    password_hash = usable_hash(stored)
    assert password_hash is not None
    assert verify_foreign(password_hash, PLAIN)
    assert not verify_foreign(password_hash, PLAIN + "x")


def _computed(stored: str) -> str:
    import hashlib

    if stored.startswith("scrypt"):
        made = hashlib.scrypt(PLAIN.encode(), salt=b"salt", n=16384, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=64)
        return stored + base64.b64encode(made).decode()
    made = hashlib.pbkdf2_hmac("sha1", PLAIN.encode(), b"salt", 1000)
    return "pbkdf2_sha1$1000$salt$" + base64.b64encode(made).decode()


def test_bcrypt_ignores_what_lies_beyond_72_bytes() -> None:
    assert verify_foreign(bcrypt_hash(LONG.encode()[:72]), LONG)


def test_django_hashes_long_passwords_before_bcrypt() -> None:
    import hashlib

    stored = "bcrypt_sha256$" + bcrypt_hash(hashlib.sha256(LONG.encode()).hexdigest().encode())
    assert verify_foreign(stored, LONG)
    assert not verify_foreign(stored, LONG + "x")


def test_keycloak_credentials_with_argon2_become_an_argon2_hash() -> None:
    *_rest, salt, value = argon2_hash().split("$")
    parameters = {"memory": ["64"], "parallelism": ["1"], "type": ["id"], "version": ["1.3"], "hashLength": ["32"]}
    data = {"hashIterations": 1, "algorithm": "argon2", "additionalParameters": parameters}
    secret = {"value": value + "==", "salt": salt + "=="}
    stored = from_keycloak({"type": "password", "secretData": json.dumps(secret), "credentialData": json.dumps(data)})
    assert stored is not None
    assert verify_foreign(stored, PLAIN)


@pytest.mark.parametrize(
    "stored",
    [
        "", "!", "!unusable", "plain text", "{SSHA}abcd", "md5$salt$abc", "pbkdf2_sha256$99999999$s$YQ==",
        "pbkdf2_sha256$0$s$YQ==", "scrypt$1048576$salt$64$64$YQ==", "$2b$31$" + "a" * 53,
        argon2_hash().replace("m=64", "m=9999999"), argon2_hash().replace("t=1", "t=999"), "$2b$12$" + "a" * 300,
        "scrypt:1073741824:8:1$salt$00", "scrypt:32767:8:1$salt$00", "scrypt:32768:999:999$salt$00", "scrypt:0:8:1$s$0",
        "pbkdf2:sha256:99999999$salt$00", "pbkdf2:sha256:0$salt$00",
    ],
    ids=count(),
)  # fmt: skip
def test_unknown_and_too_expensive_hashes_are_not_usable(stored: str) -> None:
    assert usable_hash(stored) is None


def test_hashes_of_rollcall_are_usable() -> None:
    assert usable_hash("scrypt:32768:8:3$salt$00")
    assert usable_hash("pbkdf2:sha256:1000000$salt$00")


ARGON2: dict[str, Any] = {"algorithm": "argon2", "hashIterations": 1, "additionalParameters": []}


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"secretData": "{"},
        {"secretData": "[]", "credentialData": "{}"},
        {"secretData": "[" * 100_000},
        {"secretData": {}, "credentialData": ARGON2},
        {"secretData": {}, "credentialData": ARGON2 | {"hashIterations": Decimal("1E+999999999")}},
        {"secretData": {}, "credentialData": ARGON2 | {"hashIterations": float("inf")}},
    ],
)
def test_damaged_credentials_give_no_hash(credential: dict[str, Any]) -> None:
    assert from_keycloak(credential) is None
