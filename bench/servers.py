"""Starts gunicorn servers. An HTTP client for them."""

from __future__ import annotations

import html
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webapp.settings import ROOT

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
START_SECONDS = 30
# The response header that `bench.hashing` adds.
HASH_SECONDS = "X-Hash-Seconds"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Uses a new connection for each request and keeps cookies. Responses are uncompressed unless `encoding` is set."""

    def __init__(self, bind: str) -> None:
        self.host, _colon, port = bind.partition(":")
        self.port = int(port)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, *, encoding: str = "identity") -> Answer:
        return self._request("GET", path, None, encoding)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        return self._request("POST", path, urllib.parse.urlencode(fields), "identity")

    def sign_in(self, email: str, password: str) -> None:
        token = self.csrf_token("/login")
        answer = self.post("/login", {"email": email, "password": password, "csrf_token": token})
        if answer.status != 303:
            raise RuntimeError(f"signing in failed with status {answer.status}")

    def csrf_token(self, path: str) -> str:
        found = CSRF.search(self.get(path).text)
        if found is None:
            raise RuntimeError(f"{path} has no form")
        return html.unescape(found[1])

    def _request(self, method: str, path: str, body: str | None, encoding: str) -> Answer:
        headers = {"Accept-Encoding": encoding, "Accept": "text/html", "User-Agent": "bench"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        data = response.read()
        seconds = time.perf_counter() - began
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, response.headers, data, seconds)


@contextmanager
def rollcall(environment: Mapping[str, str], *options: str, app: str = "wsgi:app") -> Iterator[subprocess.Popen[bytes]]:
    """Start Rollcall as in production, with these additional options of gunicorn."""
    with gunicorn(["-c", "gunicorn.conf.py", *options, app], environment, environment["BIND"], "/healthz") as process:
        yield process


@contextmanager
def empty(bind: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start an empty view with the same gunicorn settings."""
    with gunicorn(["-c", "python:bench.empty", "--bind", bind, "bench.empty:app"], {}, bind, "/") as process:
        yield process


@contextmanager
def bare(bind: str, database_url: str, after: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start the web floor of `bench.bare`, which shows the 50 people after the ID `after`."""
    environment = {"DATABASE_URL": database_url, "FLOOR_AFTER": after}
    with gunicorn(["-c", "python:bench.bare", "--bind", bind, "bench.bare:app"], environment, bind, "/") as process:
        yield process


@contextmanager
def gunicorn(
    arguments: list[str], environment: Mapping[str, str], bind: str, path: str, *, python: str = sys.executable
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, and wait until it answers `path` with 200. `python` is the interpreter of its environment."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [python, "-m", "gunicorn", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        try:
            if not _started(process, Client(bind), path):
                log.seek(0)
                raise RuntimeError("gunicorn did not start:\n" + log.read().decode()[-4000:])
            yield process
        finally:
            process.terminate()
            process.wait(30)


def _started(process: subprocess.Popen[bytes], client: Client, path: str) -> bool:
    began = time.monotonic()
    while time.monotonic() - began < START_SECONDS and process.poll() is None:
        try:
            if client.get(path).status == 200:
                return True
        except OSError:
            time.sleep(0.02)
    return False


def memory_of_workers(process: subprocess.Popen[bytes]) -> list[tuple[float, float]]:
    """Return the memory of each worker in MB: resident set size and proportional set size."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"\nPPid:\t{process.pid}\n" not in (folder / "status").read_text():
                continue
            sizes = dict(re.findall(r"^(Rss|Pss):\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE))
        except OSError:
            continue
        found.append((int(sizes["Rss"]) / 1024, int(sizes["Pss"]) / 1024))
    return found
