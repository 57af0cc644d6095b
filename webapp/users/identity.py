"""Validate e-mail addresses, usernames and names, and compute the keys by which they are compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from webapp.core.errors import Invalid, Problem
from webapp.core.spellings import mixes_scripts, sound_keys
from webapp.core.text import caseless_key, clean_text, fold_text, split_words
from webapp.core.texts import _
from webapp.users.models import EMAIL_MAX, KEY_MAX, NAME_MAX, USERNAME_MAX, USERNAME_MIN

# The library rejects special-use domains, for example corp.local and localhost. Organisations use them internally.
SPECIAL_USE_DOMAIN_NAMES.clear()
# RFC 5321, 4.5.3.1.1
LOCAL_PART_MAX = 64
# A key that no user has.
NO_KEY = "@"
# The first lines of `search_text`: name, e-mail address, username, and their phonetic keys. Former e-mail addresses and
# usernames follow.
IDENTITY_LINES = 4


@dataclass(frozen=True)
class Identity:
    """The valid e-mail address, username and name of one person, with their keys."""

    email: str
    email_key: str
    username: str | None
    username_key: str | None
    name: str
    name_key: str

    @property
    def search_text(self) -> str:
        """Return the folded text that search uses."""
        return search_text(self.name_key, fold_text(self.email), fold_text(self.username or ""))

    @property
    def columns(self) -> dict[str, str | None]:
        """Return the values of the columns of `users`."""
        return {
            "email": self.email,
            "email_key": self.email_key,
            "username": self.username,
            "username_key": self.username_key,
            "name": self.name,
            "name_key": self.name_key[:NAME_MAX],
            "search_text": self.search_text,
        }


def search_text(name: str, email: str, username: str, *former: str) -> str:
    """Join folded texts, one on each line, so that no match spans two. Add a line of their phonetic keys."""
    lines = f"{name}\n{email}\n{username}"
    words = split_words(f"{name} {email.rpartition('@')[0]} {username} {' '.join(former)}")
    sounds = dict.fromkeys(chain.from_iterable(map(sound_keys, words)))
    phonetic = " ".join(key for key in sounds if key not in lines)
    return "\n".join([lines, phonetic, *former])


def parse_identity(*, email: str, name: str, username: str | None = None) -> Identity:
    """Return the checked identity. Raise Invalid with the problems of all fields."""
    problems: list[Problem] = []

    def attempt(check: Callable[[str], tuple[str, str]], text: str) -> tuple[str, str]:
        try:
            return check(text)
        except Invalid as error:
            problems.extend(error.problems)
            return "", ""

    name, name_key = attempt(parse_name, name)
    email, email_key = attempt(parse_email, email)
    username, username_key = attempt(parse_username, username) if username else ("", "")
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    return Identity(email, email_key, username or None, username_key or None, name, name_key)


def parse_name(text: str) -> tuple[str, str]:
    """Return the name and its key. Raise Invalid."""
    name = clean_text(text, field="name", joiners=True)
    if not name:
        raise Invalid(_("Enter a name"), field="name", code="missing")
    if len(name) > NAME_MAX:
        raise Invalid(_("Enter a name of at most %(max)s characters", max=NAME_MAX), field="name", code="too_long")
    if mixes_scripts(name):
        raise Invalid(
            _("A word in the name mixes similar letters of different alphabets"), field="name", code="mixed_scripts"
        )
    return name, fold_text(name)


def parse_email(text: str) -> tuple[str, str]:
    """Return the address as typed, and its key: the key of the local part, @, the domain in IDNA. Raise Invalid."""
    email = clean_text(text, field="email")
    if not email:
        raise Invalid(_("Enter an e-mail address"), field="email", code="missing")
    if len(email) > EMAIL_MAX:
        raise Invalid(
            _("Enter an e-mail address of at most %(max)s characters", max=EMAIL_MAX), field="email", code="too_long"
        )
    local, at, domain = email.rpartition("@")
    if not at or len(local) > LOCAL_PART_MAX or not _is_local_part(local):
        raise _malformed_email()
    if mixes_scripts(email):
        raise Invalid(
            _("The e-mail address mixes similar letters of different alphabets"), field="email", code="mixed_scripts"
        )
    email_key = f"{caseless_key(local)}@{_domain_key(domain)}"
    if len(email_key) > KEY_MAX:
        raise _malformed_email()
    return email, email_key


@lru_cache(maxsize=10_000)
def _is_local_part(local: str) -> bool:
    # In a header, "=?" starts an encoded word (RFC 2047), which can stand for another address.
    return "=?" not in local and _is_address(f"{local}@example.com")


# An import of 100,000 people has few domains, and checking one takes 27 µs.
@lru_cache(maxsize=10_000)
def _domain_key(domain: str) -> str:
    try:
        checked = validate_email(f"x@{domain}", check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise _malformed_email() from None
    return str(checked.ascii_domain).lower()


def _is_address(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return True


def _malformed_email() -> Invalid:
    return Invalid(_("Enter an e-mail address like name@example.com"), field="email", code="malformed")


def parse_username(text: str) -> tuple[str, str]:
    """Return the username and its key. Raise Invalid, also for an @, so that no username equals an e-mail address."""
    username = clean_text(text, field="username")
    username_key = caseless_key(username)
    if not USERNAME_MIN <= len(username_key) <= USERNAME_MAX or len(username) > USERNAME_MAX:
        raise Invalid(
            _("Enter a username of %(min)s to %(max)s characters", min=USERNAME_MIN, max=USERNAME_MAX),
            field="username",
            code="length",
        )
    if not all(c in "._-" or unicodedata.category(c)[0] in "LMN" for c in username_key):
        raise Invalid(
            _("Use only letters, digits, dots, hyphens and underscores"),
            field="username",
            code="characters",
        )
    # A username of dots would also be a step in a path.
    if not any(unicodedata.category(c)[0] in "LN" for c in username_key):
        raise Invalid(
            _("Enter a username with at least one letter or digit"), field="username", code="no_letter_or_digit"
        )
    if mixes_scripts(username):
        raise Invalid(
            _("The username mixes similar letters of different alphabets"), field="username", code="mixed_scripts"
        )
    return username, username_key


def sign_in_lookup(text: str) -> tuple[str, str]:
    """Return ("email_key" | "username_key", key) for the text. For an invalid text, the key is NO_KEY."""
    try:
        return ("email_key", parse_email(text)[1]) if "@" in text else ("username_key", parse_username(text)[1])
    except Invalid:
        return "username_key", NO_KEY
