"""`next=` leads to pages of this site only, in whatever spelling."""

from __future__ import annotations

import pytest

from webapp.web.forms import safe_next

AWAY = """https://evil.example https:evil.example https:/evil.example HTTPS://evil.example http:\\\\evil.example
 //evil.example ///evil.example ////evil.example //evil.example@localhost //localhost@evil.example //[evil.example
 /\\evil.example \\\\evil.example \\/evil.example /\\/evil.example /a\\..\\\\evil.example //evil%2Eexample
 javascript:alert(1) data:text/html,x mailto:a@evil.example evil.example users @evil.example ?next=x #x
 ．．/／evil.example ／／evil.example"""
UNPRINTABLE = ["\t", "\n", "\r", "\x00", "\x0b", "\x1f", "\x7f", "\u2028", "\u202e", "\ufeff", "\ud800"]


@pytest.mark.parametrize("address", [*AWAY.split(), None, "", " ", " //evil.example", " https://evil.example"])
def test_what_leads_away_or_is_no_path_is_ignored(address: str | None) -> None:
    assert safe_next(address, "/") == "/"


@pytest.mark.parametrize("sign", UNPRINTABLE)
def test_characters_that_browsers_may_drop_are_refused(sign: str) -> None:
    for address in (f"/{sign}/evil.example", f"{sign}//evil.example", f"/users{sign}"):
        assert safe_next(address, "/") == "/"


@pytest.mark.parametrize("address", ["/", "/users?q=anna&page=2", "/users?q=анна 😀", "/x#y", "/%2f/evil.example"])
def test_pages_of_this_site_stay(address: str) -> None:
    assert safe_next(address, "/account") == address
