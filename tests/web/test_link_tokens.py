"""The token of a link moves from the address into a cookie that only the server can read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import make_response
from werkzeug import Response

from webapp.core.context import current_settings
from webapp.web.api import App
from webapp.web.link_tokens import clear_link_token, link_token, trade_token

pytestmark = pytest.mark.one_engine


def traded(app: App, address: str) -> Response:
    with app.test_request_context(address):
        response = trade_token("reset")
    assert response is not None
    return response


def kept_token(app: App, response: Response) -> str:
    """Return what the next request reads, whose browser got this response."""
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    with app.test_request_context("/reset", headers={"Cookie": cookie}):
        assert link_token("invitation") == ""
        return link_token("reset")


def test_the_token_moves_from_the_address_into_a_cookie(app: App) -> None:
    response = traded(app, "/reset?token=abc_DEF-123")
    assert (response.status_code, response.location) == (303, "/reset")
    assert kept_token(app, response) == "abc_DEF-123"


def test_scripts_and_other_sites_do_not_get_the_cookie(app: App, change_settings: Callable[..., None]) -> None:
    change_settings(base_url="https://people.example.com")
    cookie = traded(app, "/reset?token=abc").headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=3600"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_the_chosen_language_stays_in_the_address(app: App) -> None:
    assert traded(app, "/reset?token=abc&lang=ru").location == "/reset?lang=ru"
    assert traded(app, "/reset?token=abc&lang=//evil.example&next=//evil.example").location == "/reset"


@pytest.mark.parametrize("token", ["", "a" * 101, "%00", "%E2%80%AE", "%FF", "a%0D%0ASet-Cookie:%20x=1", "a;b", "ключ"])
def test_what_cannot_be_a_token_replaces_the_earlier_token(app: App, token: str) -> None:
    response = traded(app, f"/reset?token={token}")
    assert (response.status_code, response.location) == (303, "/reset")
    assert kept_token(app, response) == "-"
    assert len(response.headers.getlist("Set-Cookie")) == 1


def test_an_address_without_a_token_is_not_traded(app: App) -> None:
    with app.test_request_context("/reset"):
        assert trade_token("reset") is None
        assert link_token("reset") == ""


def test_a_used_token_is_removed(app: App) -> None:
    with app.test_request_context("/reset"):
        response = make_response("")
        clear_link_token(response, "reset")
        assert f"{current_settings().cookie_name}-reset=;" in response.headers["Set-Cookie"]
    assert "Max-Age=0" in response.headers["Set-Cookie"]
