"""What two accounts have in common that few people share: keys to find candidates, and evidence about a pair."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from webapp.attributes.models import Attribute
from webapp.attributes.models import Kind as ValueKind
from webapp.core.spellings import appearance, phonetic_key
from webapp.core.text import decode_idna, fold_text, split_words

# Shorter or more common local parts say nothing about a person.
LOCAL_MIN = 5
GENERIC = frozenset(
    {"admin", "administrator", "contact", "hello", "helpdesk", "info", "marketing", "noreply", "office", "postmaster"}
    | {"sales", "service", "support", "webmaster"}
)
DOTLESS_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
# Digits of a phone number that count: without the country code or the prefix 8.
PHONE_DIGITS = 10
_PHONE = re.compile(r"\+?[\d ()\-\u2011\u2013]{9,25}")
# A text without spaces and with this many digits is a code.
CODE_DIGITS = 5
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
# Endings of folded patronymics.
_PATRONYMIC = re.compile(r"(?:вич|вна|ична|vich|vna|ichna)$")
# Names that consist of these letters only look the same in Latin and Cyrillic.
_LOOKALIKE_NAME = re.compile(r"[abekmhopctyxijsqw -]+")


class Kind(IntEnum):
    """The kinds of keys, the strongest first."""

    EMAIL = 1
    ATTRIBUTE = 2
    LOOKALIKE = 3
    LOCAL_PART = 4
    NAME = 5


# A key that more people share is no evidence.
PEOPLE_MAX = {Kind.EMAIL: 10, Kind.ATTRIBUTE: 6, Kind.LOOKALIKE: 6, Kind.LOCAL_PART: 6, Kind.NAME: 4}


class Account(NamedTuple):
    """What is compared. `name_key` and `email_key` are those of users."""

    id: UUID
    name_key: str
    email_key: str
    attributes: Mapping[str, Any]


class Fact(NamedTuple):
    """One thing that can be shared. `attribute` is the key of its attribute."""

    kind: Kind
    text: str
    attribute: str = ""

    @property
    def key(self) -> int:
        """A hash of 63 bits. The pairs that it finds are compared in full."""
        text = f"{self.kind.value} {self.attribute} {self.text}"
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1


@dataclass(frozen=True)
class Evidence:
    """A reason why two accounts may be those of one person. `code` says which (see `evidence_texts`).

    `token` stays equal as long as both share the same value: a dismissed pair comes back with a new token only.
    """

    code: str
    weight: int
    fact: Fact

    @property
    def token(self) -> str:
        return f"{self.fact.kind.name.lower()}:{self.fact.key:x}"


def compared_attributes(attributes: Sequence[Attribute]) -> list[Attribute]:
    """Return the attributes whose values can identify a person."""
    return [attribute for attribute in attributes if attribute.kind == ValueKind.TEXT]


def facts_of(account: Account, attributes: Sequence[Attribute]) -> Iterator[Fact]:
    local, domain = address_parts(account.email_key)
    yield Fact(Kind.EMAIL, f"{local}@{domain}")
    if len(local) >= LOCAL_MIN and local not in GENERIC:
        yield Fact(Kind.LOCAL_PART, local)
    words, _patronymic = name_parts(account.name_key)
    if len(words) > 1:
        yield Fact(Kind.NAME, " ".join(sorted(map(phonetic_key, words))))
    looks = appearance(account.name_key)
    if _LOOKALIKE_NAME.fullmatch(looks):
        yield Fact(Kind.LOOKALIKE, looks)
    for attribute in attributes:
        if value := identifying_value(attribute, account.attributes.get(attribute.key)):
            yield Fact(Kind.ATTRIBUTE, value, attribute.key)


def compare(one: Account, other: Account, attributes: Sequence[Attribute]) -> list[Evidence]:
    """Return all evidence that two accounts are those of one person, the strongest first."""
    shared = set(facts_of(one, attributes)) & set(facts_of(other, attributes))
    kinds = {fact.kind for fact in shared}
    found = []
    for fact in sorted(shared):
        if fact.kind == Kind.LOCAL_PART and Kind.EMAIL in kinds:
            continue
        if evidence := _evidence(fact, one, other):
            found.append(evidence)
    return found


def strength_of(evidence: Sequence[Evidence]) -> int:
    """Return from 0 to 100 how likely it is one person."""
    return min(sum(each.weight for each in evidence), 100)


def _evidence(fact: Fact, one: Account, other: Account) -> Evidence | None:
    match fact.kind:
        case Kind.EMAIL:
            return Evidence(_address_code(one, other), 60, fact)
        case Kind.LOCAL_PART:
            return Evidence("local_part", 35, fact)
        case Kind.ATTRIBUTE:
            return Evidence("attribute", 45, fact)
        case Kind.LOOKALIKE:
            return None if one.name_key == other.name_key else Evidence("lookalike_name", 50, fact)
    return _name_evidence(fact, one, other)


def _address_code(one: Account, other: Account) -> str:
    local, domain = one.email_key.rpartition("@")[::2]
    other_local, other_domain = other.email_key.rpartition("@")[::2]
    if "+" in local + other_local:
        return "plus_address"
    is_dots = domain == other_domain and local.replace(".", "") == other_local.replace(".", "")
    return "dots" if is_dots else "lookalike_address"


def _name_evidence(fact: Fact, one: Account, other: Account) -> Evidence | None:
    """Different patronymics are different people. The same name weighs less without them."""
    (words, patronymic), (other_words, other_patronymic) = name_parts(one.name_key), name_parts(other.name_key)
    if patronymic and other_patronymic and phonetic_key(patronymic) != phonetic_key(other_patronymic):
        return None
    weight = 5 if patronymic and other_patronymic else 0
    if sorted(words) == sorted(other_words):
        code = "same_name" if words == other_words else "name_order"
        if bool(patronymic) != bool(other_patronymic):
            code = "without_patronymic"
        return Evidence(code, 30 + weight, fact)
    if one.name_key.isascii() != other.name_key.isascii():
        return Evidence("other_script", 28 + weight, fact)
    return Evidence("similar_name", 20 + weight, fact)


@lru_cache(maxsize=2000)
def address_parts(email_key: str) -> tuple[str, str]:
    """Return local part and domain as they look, without what follows a plus, and without dots that do not count."""
    local, _at, domain = email_key.rpartition("@")
    local = local.partition("+")[0] or local
    if "xn--" in domain:
        domain = appearance(fold_text(decode_idna(domain)))
    if not local.isascii():
        local = appearance(fold_text(local))
    return (local.replace(".", ""), "gmail.com") if domain in DOTLESS_DOMAINS else (local, domain)


@lru_cache(maxsize=2000)
def name_parts(name_key: str) -> tuple[tuple[str, ...], str]:
    """Return the words of a folded name without the patronymic, and the patronymic or ""."""
    words = tuple(split_words(name_key))
    candidates = [word for word in words[1:] if _PATRONYMIC.search(word)] if len(words) > 2 else []
    if not candidates:
        return words, ""
    patronymic = candidates[-1]
    return tuple(word for word in words if word != patronymic), patronymic


def identifying_value(attribute: Attribute, value: Any) -> str | None:
    """Return a phone number or another code in a form that can be compared. Return None for other values."""
    if not isinstance(value, str):
        return None
    digits = "".join(c for c in value if c.isascii() and c.isdigit())
    if _DATE.fullmatch(value) and not attribute.unique:
        return None
    if _PHONE.fullmatch(value) and len(digits) >= PHONE_DIGITS - 1:
        return digits[-PHONE_DIGITS:]
    if attribute.unique or (len(digits) >= CODE_DIGITS and " " not in value):
        return "".join(split_words(fold_text(value))) or None
    return None
