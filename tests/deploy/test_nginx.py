"""The shipped nginx configuration, in a real nginx in front of a real gunicorn."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import ssl
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.deploy.conftest import Site
from tests.deploy.servers import EMAIL, PASSWORD, Answer, Nginx, ask, nginx, rendered_nginx
from tests.processes import wait_until
from tests.server import free_port
from webapp.web.middleware import HEADERS

FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "Forwarded": "for=203.0.113.7;host=evil.example",
}
# All of 127.0.0.0/8 is this machine: a person's address that is not nginx's own.
ADDRESS = "127.0.0.5"
TWO_MEGABYTES = b"x" * (2 * 1024 * 1024)


@pytest.mark.parametrize("server", ["http", "https"])
def test_nginx_accepts_the_shipped_configuration(tmp_path: Path, server: str):
    front = rendered_nginx(tmp_path, upstream=free_port(), server=server)
    check = subprocess.run([*front.command, "-t"], capture_output=True, text=True, timeout=60, check=False)
    assert check.returncode == 0, check.stderr
    assert "[warn]" not in check.stderr


def test_the_sign_in_page_arrives_with_each_header_once(site: Site):
    page = ask(site.port, "GET", "/login")
    assert page.status == 200
    assert {name: page.headers.get_all(name) for name in HEADERS} == {name: [value] for name, value in HEADERS.items()}
    assert len(page.headers.get_all("X-Request-ID")) == 1
    assert page.headers.get_all("Cache-Control") == ["no-store"]
    assert page.headers.get_all("Server") == ["nginx"]


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_page_is_compressed_once_by_rollcall(site: Site, encoding: str):
    page = ask(site.port, "GET", "/login", headers={"Accept-Encoding": encoding})
    assert page.headers.get_all("Content-Encoding") == [encoding]
    assert len(page.headers.get_all("Vary")) == len({*page.headers.get_all("Vary")})


def test_a_style_sheet_may_be_kept_for_a_year(site: Site):
    address = re.search(r'href="(/static/[^"]+\.css\?v=[^"]+)"', ask(site.port, "GET", "/login").text)[1]
    sheet = ask(site.port, "GET", address)
    assert sheet.status == 200
    assert sheet.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
    assert sheet.headers.get_all("X-Content-Type-Options") == ["nosniff"]


def test_a_forged_forwarded_address_is_not_believed(site: Site):
    signed_in = sign_in(site.port, FORGED)
    assert signed_in.status == 303, signed_in.text
    assert signed_in.headers["Location"] == "/"
    with closing(sqlite3.connect(site.database)) as database:
        assert database.execute("SELECT address FROM sessions").fetchall() == [(ADDRESS,)]


def test_a_foreign_host_name_is_refused(site: Site):
    assert ask(site.port, "GET", "/login", headers={"Host": "evil.example"}).status == 400


def test_two_megabytes_are_too_much_for_a_page(site: Site):
    refused = ask(site.port, "POST", "/login", body=TWO_MEGABYTES)
    assert (refused.status, refused.headers["Retry-After"]) == (413, None)
    assert "This is too large" in refused.text


def test_two_megabytes_are_too_much_for_the_api(site: Site):
    refused = ask(site.port, "POST", "/api/v1/users", body=TWO_MEGABYTES)
    assert (refused.status, refused.headers["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(refused.body)["status"] == 413


def test_the_access_log_tells_the_request_id_and_no_query(site: Site):
    page = ask(site.port, "GET", "/setup?token=secret-of-the-link")
    line = log_line(site.nginx, page.headers["X-Request-ID"])
    assert (line["path"], line["status"]) == ("/setup", str(page.status))
    assert "secret-of-the-link" not in site.nginx.log


def test_health_checks_pass_and_are_not_logged(site: Site):
    assert [ask(site.port, "GET", path).status for path in ("/healthz", "/readyz")] == [200, 200]
    assert "/healthz" not in site.nginx.log


def test_while_rollcall_is_away_people_get_a_page(lonely: Nginx):
    page = ask(lonely.port, "GET", "/users")
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert (page.headers["Retry-After"], page.headers["Cache-Control"]) == ("10", "no-store")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Rollcall is not answering" in page.text
    assert "Rollcall не отвечает" in page.text


def test_while_rollcall_is_away_programs_get_a_problem(lonely: Nginx):
    answer = ask(lonely.port, "POST", "/api/v1/users", body=b"{}")
    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert json.loads(answer.body)["status"] == 503
    assert answer.headers["Retry-After"] == "10"


def test_pages_of_nginx_have_no_address_of_their_own(lonely: Nginx):
    assert ask(lonely.port, "GET", "/too-large.html").status == 404


def test_plain_http_is_told_to_come_back_by_https(tmp_path: Path):
    with nginx(tmp_path, upstream=free_port(), server="https") as front:
        moved = ask(front.port, "GET", "/users?q=anna", headers={"Host": "localhost"})
        assert (moved.status, moved.headers["Location"]) == (308, "https://localhost/users?q=anna")
        assert "Rollcall is not answering" in by_tls(front.tls_port)


def sign_in(port: int, headers: dict[str, str]) -> Answer:
    """Posts the sign-in form from ADDRESS with `headers` added."""
    form = ask(port, "GET", "/login", headers=headers, source_address=(ADDRESS, 0))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)[1]
    body = urlencode({"email": EMAIL, "password": PASSWORD, "csrf_token": token})
    headers = headers | {
        "Cookie": form.headers["Set-Cookie"].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return ask(port, "POST", "/login", body=body, headers=headers, source_address=(ADDRESS, 0))


def by_tls(port: int) -> str:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with closing(http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)) as connection:
        connection.request("GET", "/login")
        return connection.getresponse().read().decode()


def log_line(front: Nginx, request_id: str) -> dict[str, str]:
    """nginx's log line of a request; it is written just after the answer."""

    def found() -> list[str]:
        return [line for line in front.log.splitlines() if f'"id":"{request_id}"' in line]

    wait_until(found, what=f"a line with {request_id}", seen=lambda: front.log)
    return json.loads(found()[0])
