"""The shipped nginx configuration, with a real nginx and a real gunicorn."""

from __future__ import annotations

import http.client
import json
import re
import socket
import sqlite3
import ssl
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.deploy.conftest import Site
from tests.deploy.servers import EMAIL, PASSWORD, Nginx, Response, cookies_of, render_nginx, send_request
from tests.processes import wait_until
from tests.server import free_port
from webapp.web.middleware import HEADERS, HSTS

FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "Forwarded": "for=203.0.113.7;host=evil.example",
}
# The address of a client. 127.0.0.0/8 is this machine, and nginx uses another address.
ADDRESS = "127.0.0.5"
TWO_MEGABYTES = b"x" * (2 * 1024 * 1024)


@pytest.mark.parametrize("server", ["http", "https"])
def test_nginx_accepts_the_shipped_configuration(tmp_path: Path, server: str):
    proxy = render_nginx(tmp_path, upstream=free_port(), server=server)
    check = subprocess.run([*proxy.command, "-t"], capture_output=True, text=True, timeout=300, check=False)
    assert check.returncode == 0, check.stderr
    assert "[warn]" not in check.stderr


def test_a_page_has_each_header_once(site: Site):
    page = send_request(site.port, "GET", "/login")
    assert page.status == 200
    assert {name: page.headers.get_all(name) for name in HEADERS} == {name: [value] for name, value in HEADERS.items()}
    assert len(page.headers.get_all("X-Request-ID")) == 1
    assert page.headers.get_all("Cache-Control") == ["no-store"]
    assert page.headers.get_all("Server") == ["nginx"]


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_page_is_compressed_once(site: Site, encoding: str):
    page = send_request(site.port, "GET", "/login", headers={"Accept-Encoding": encoding})
    assert page.headers.get_all("Content-Encoding") == [encoding]
    assert len(page.headers.get_all("Vary")) == len({*page.headers.get_all("Vary")})


def test_a_style_sheet_is_cached_for_a_year(site: Site):
    address = re.search(r'href="(/static/[^"]+\.css\?v=[^"]+)"', send_request(site.port, "GET", "/login").text)[1]
    sheet = send_request(site.port, "GET", address)
    assert sheet.status == 200
    assert sheet.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
    assert sheet.headers.get_all("X-Content-Type-Options") == ["nosniff"]


def test_a_forged_forwarded_address_is_ignored(site: Site):
    signed_in = sign_in(site.port, FORGED)
    assert signed_in.status == 303, signed_in.text
    assert signed_in.headers["Location"] == "/"
    with closing(sqlite3.connect(site.database)) as database:
        assert database.execute("SELECT DISTINCT address FROM sessions").fetchall() == [(ADDRESS,)]


def test_another_host_name_is_refused(site: Site):
    assert send_request(site.port, "GET", "/login", headers={"Host": "evil.example"}).status == 400


def test_a_form_of_two_megabytes_is_refused(site: Site):
    response = send_request(site.port, "POST", "/login", body=TWO_MEGABYTES)
    assert (response.status, response.headers["Retry-After"]) == (413, None)
    assert "This is too large" in response.text


def test_an_api_request_of_two_megabytes_is_refused(site: Site):
    response = send_request(site.port, "POST", "/api/v1/users", body=TWO_MEGABYTES)
    assert (response.status, response.headers["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(response.body)["status"] == 413


def test_the_access_log_has_the_request_id_but_no_query(site: Site):
    page = send_request(site.port, "GET", "/setup?token=secret-of-the-link")
    line = log_line(site.nginx, page.headers["X-Request-ID"])
    assert (line["path"], line["status"]) == ("/setup", str(page.status))
    assert "secret-of-the-link" not in site.nginx.log


def test_health_checks_are_not_logged(site: Site):
    assert [send_request(site.port, "GET", path).status for path in ("/healthz", "/readyz")] == [200, 200]
    assert "/healthz" not in site.nginx.log


@pytest.mark.parametrize("path", ["/users", "/api/docs", "/apiary"])
def test_without_rollcall_nginx_responds_with_a_page(nginx_alone: Nginx, path: str):
    page = send_request(nginx_alone.port, "GET", path)
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert (page.headers["Retry-After"], page.headers["Cache-Control"]) == ("10", "no-store")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Rollcall is not answering" in page.text
    assert "Rollcall не отвечает" in page.text


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v2/users", "/api/", "/api", "/api/docs/"])
def test_without_rollcall_nginx_responds_to_api_requests_with_a_problem(nginx_alone: Nginx, path: str):
    response = send_request(nginx_alone.port, "POST", path, body=b"{}")
    assert (response.status, response.headers["Content-Type"]) == (503, "application/problem+json")
    assert json.loads(response.body)["status"] == 503
    assert response.headers["Retry-After"] == "10"


def test_error_pages_of_nginx_cannot_be_requested(nginx_alone: Nginx):
    assert send_request(nginx_alone.port, "GET", "/too-large.html").status == 404


def test_http_is_redirected_to_https(https_alone: Nginx):
    response = send_request(https_alone.port, "GET", "/users?q=anna", headers={"Host": "localhost"})
    assert (response.status, response.headers["Location"]) == (308, "https://localhost/users?q=anna")
    assert "Rollcall is not answering" in fetch_by_tls(https_alone.tls_port)


def test_api_requests_by_http_are_refused_and_not_redirected(https_alone: Nginx):
    for path in ("/api/v1/users", "/api"):
        response = send_request(https_alone.port, "POST", path, body=b"{}")
        assert (response.status, response.headers["Content-Type"]) == (403, "application/problem+json")
        assert (json.loads(response.body)["detail"], response.headers["Location"]) == ("Use https.", None)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_https_is_tls_1_2_or_newer_with_forward_secrecy(https_alone: Nginx):
    assert handshake(https_alone.tls_port, ssl.TLSVersion.MAXIMUM_SUPPORTED)[1] == "TLSv1.3"
    cipher, version, _bits = handshake(https_alone.tls_port, ssl.TLSVersion.TLSv1_2)
    assert (version, cipher.startswith("ECDHE-")) == ("TLSv1.2", True)
    with pytest.raises(ssl.SSLError):
        handshake(https_alone.tls_port, ssl.TLSVersion.TLSv1_1)


def test_pages_of_nginx_by_https_require_https_for_two_years(https_alone: Nginx):
    with closing(connection_by_tls(https_alone.tls_port)) as connection:
        connection.request("GET", "/login")
        hsts = connection.getresponse().headers["Strict-Transport-Security"]
    assert hsts == HSTS
    assert send_request(https_alone.port, "GET", "/login").headers["Strict-Transport-Security"] is None


def sign_in(port: int, headers: dict[str, str]) -> Response:
    """Submit the sign-in form from ADDRESS with additional `headers`."""
    form = send_request(port, "GET", "/login", headers=headers, source_address=(ADDRESS, 0))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)[1]
    body = urlencode({"email": EMAIL, "password": PASSWORD, "csrf_token": token})
    headers = headers | {
        "Cookie": cookies_of(form),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return send_request(port, "POST", "/login", body=body, headers=headers, source_address=(ADDRESS, 0))


def fetch_by_tls(port: int) -> str:
    with closing(connection_by_tls(port)) as connection:
        connection.request("GET", "/login")
        return connection.getresponse().read().decode()


def connection_by_tls(port: int) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=unverified_context())


def handshake(port: int, newest: ssl.TLSVersion) -> tuple[str, str, int]:
    """Return the cipher, the version and the bits that nginx chooses for a client that speaks `newest` and older."""
    context = unverified_context()
    # By default OpenSSL itself refuses old versions.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        return connection.cipher()


def unverified_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def log_line(proxy: Nginx, request_id: str) -> dict[str, str]:
    """Return the log line of a request. nginx writes it just after the response."""

    def found() -> list[str]:
        return [line for line in proxy.log.splitlines() if f'"id":"{request_id}"' in line]

    wait_until(found, what=f"a line with {request_id}", seen=lambda: proxy.log)
    return json.loads(found()[0])
