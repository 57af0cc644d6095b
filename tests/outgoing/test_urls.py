"""Addresses that people enter have one spelling, and what programs read in two ways is refused."""

from __future__ import annotations

import pytest

from webapp.core.errors import Invalid
from webapp.outgoing.urls import URL_MAX, clean_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://Example.ORG", "https://example.org/"),
        (" https://example.org./a?b=c%20d ", "https://example.org/a?b=c%20d"),
        ("https://пример.рф/хук", "https://xn--e1afmkfd.xn--p1ai/%D1%85%D1%83%D0%BA"),
        ("http://my_service:8080/x", "http://my_service:8080/x"),
        ("https://[2001:4860:4860:0::8888]:444/", "https://[2001:4860:4860::8888]:444/"),
        ("https://１９２.0.2.1/", "https://192.0.2.1/"),
    ],
)
def test_a_url_has_one_spelling(text: str, expected: str) -> None:
    assert clean_url(text, field="url") == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_url"),
        ("example.org", "not_a_url"),
        ("ftp://example.org", "not_a_url"),
        ("file:///etc/passwd", "not_a_url"),
        ("https:///path", "not_a_url"),
        ("https://example.org:0/", "not_a_url"),
        ("https://example.org:99999/", "not_a_url"),
        ("https://example.org\\@127.0.0.1/", "not_a_url"),
        ("https://exa mple.org/", "not_a_url"),
        ("https://user:secret@example.org/", "user_info"),
        ("https://@example.org/", "user_info"),
        ("https://example.org/#part", "fragment"),
        ("https://2130706433/", "not_a_host"),
        ("https://0177.0.0.1/", "not_a_host"),
        ("https://0x7f.1/", "not_a_host"),
        ("https://127.1/", "not_a_host"),
        ("https://[fe80::1%25eth0]/", "not_a_host"),
        ("https://-a.example/", "not_a_host"),
        ("https://a..example/", "not_a_host"),
        ("https://" + "a." * 130 + "example/", "not_a_host"),
        ("https://example.org/\x00", "hidden_character"),
        ("https://example.org/\u202e", "hidden_character"),
        ("https://example.org/" + "a" * URL_MAX, "length"),
    ],
)
def test_an_ambiguous_url_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        clean_url(text, field="url")
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("url", code)]
