"""Validation and keys of e-mail addresses, usernames and names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import Invalid
from webapp.core.spellings import mixes_scripts
from webapp.core.text import caseless_key, fold_text
from webapp.users.identity import parse_email, parse_identity, parse_name, parse_username


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\uff21lice", "alice"),
        ("Straße", "STRASSE"),
        ("\u212a", "k"),
        ("\ufb01n", "fin"),
        ("e\u0301", "é"),
        ("ς", "σ"),
        ("ΟΔΟΣ", "οδος"),
        ("  Anna ", "anna"),
    ],
)
def test_two_spellings_have_the_same_key(one: str, other: str) -> None:
    assert caseless_key(one) == caseless_key(other)


@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\xad", "\x00", "\ufeff", chr(0xD800), "\ufffd", "\u3164"])
def test_hidden_characters_are_refused(character: str) -> None:
    for check in (parse_name, parse_email, parse_username):
        with pytest.raises(Invalid) as refusal:
            check(f"ann{character}a@example.com")
        assert refusal.value.problems[0].code == "hidden_character"


@pytest.mark.parametrize(("text", "mixed"), [("pаypal", True), ("Анна Smith", False), ("αdmin", True), ("李Li", False)])
def test_similar_letters_of_different_scripts_in_one_word_are_detected(text: str, mixed: bool) -> None:
    assert mixes_scripts(text) is mixed


@pytest.mark.parametrize(
    ("address", "email_key"),
    [
        ("Anna.Smith+x@Example.COM", "anna.smith+x@example.com"),
        ("почта@пример.рф", "почта@xn--e1afmkfd.xn--p1ai"),
        ("user@corp.local", "user@corp.local"),
        ("user@localhost", "user@localhost"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
    ],
)
def test_an_address_keeps_its_spelling_and_has_a_key(address: str, email_key: str) -> None:
    assert parse_email(address) == (address, email_key)


@pytest.mark.parametrize(
    "address",
    ["", "plain", "@example.com", "a@", "a b@example.com", "a@b@c.com", "a..b@example.com", "a@-x.com", "a@[127.0.0.1]",
     "=?utf-8?q?x=40evil.example?=@example.com",
     '"quoted"@example.com', "Name <a@example.com>", "x" * 65 + "@example.com"],
)  # fmt: skip
def test_invalid_addresses_are_refused(address: str) -> None:
    with pytest.raises(Invalid):
        parse_email(address)


@pytest.mark.parametrize("username", ["..", "...", "--", "__", "._-", "．．"])
def test_a_username_without_letter_or_digit_is_refused(username: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_username(username)
    assert [problem.field for problem in refusal.value.problems] == ["username"]


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        parse_identity(email="nope", name="", username="a@b")
    assert [problem.field for problem in refusal.value.problems] == ["name", "email", "username"]


def test_search_ignores_accents() -> None:
    assert fold_text("Ёлкина Seán Ångström") == "елкина sean angstrom"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *((f"O{mark}Brien", "obrien") for mark in "'`´‘’‛′ʹʻʼʽʾʿˈ՚׳ꞌ＇"),
        ("В'ячеслав Лук’яненко", "вячеслав лукяненко"),
        ("Łukasz Đorđe Ðorn", "lukasz dorde dorn"),
        ("Þór Ægir Øystein Œuvre Ǿ", "thor aegir oystein oeuvre o"),
        ("Großmann Yılmaz Müller", "grossmann yilmaz muller"),
    ],
)
def test_apostrophes_and_letters_with_strokes_are_folded(text: str, key: str) -> None:
    assert fold_text(text) == key
    assert fold_text(key) == key


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_invalid_or_has_a_stable_key(text: str) -> None:
    assert caseless_key(caseless_key(text)) == caseless_key(text)
    for check in (parse_name, parse_email, parse_username):
        try:
            kept, _key = check(text)
        except Invalid:
            continue
        assert check(kept) == (kept, _key)
