"""Starts what production runs: Rollcall under gunicorn, and nginx with the shipped files in front of it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.databases import copy_migrated_sqlite
from tests.processes import ROOT, Fork, Process, Program, wait_until
from tests.server import SECRET_KEY, free_port
from webapp.serve import main

EMAIL, PASSWORD = "owner@example.com", "seven quiet harbours 41"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Nginx:
    """nginx with the shipped configuration; only ports, folders and the address of Rollcall are replaced."""

    folder: Path
    port: int
    tls_port: int

    @property
    def command(self) -> list[str]:
        # Under root the workers become `nobody`, who cannot look into a test's folder.
        user = " user root;" if os.geteuid() == 0 else ""
        return [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-g", f"daemon off;{user}"]

    @property
    def log(self) -> str:
        return (self.folder / "output.log").read_text()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(
    port: int, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] = {}, **connect: Any
) -> Answer:
    """One request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60, **connect)) as connection:
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """`text` with its ${NAME}, ${NAME:-default} and ${NAME:?message} replaced, as Compose does it."""
    return VARIABLE.sub(lambda found: values.get(found[1]) or (found[3] or "" if found[2] == "-" else ""), text)


def production(port: int, database: Path) -> dict[str, str]:
    """The whole environment of a production Rollcall."""
    return {
        "PATH": os.environ["PATH"],
        "APP_ENV": "production",
        "BIND": f"127.0.0.1:{port}",
        "BASE_URL": "http://127.0.0.1",
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": SECRET_KEY,
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "WEB_CONCURRENCY": "1",
    }


@contextmanager
def rollcall(port: int, database: Path) -> Iterator[Process]:
    """Rollcall on `port` with an owner."""
    copy_migrated_sqlite(database)
    env = production(port, database) | {"ROLLCALL_ADMIN_EMAIL": EMAIL, "ROLLCALL_ADMIN_PASSWORD": PASSWORD}
    with listening(Fork(main, output=database.parent / "output.log", env=env), port) as process:
        yield process


@contextmanager
def nginx(folder: Path, *, upstream: int, server: str = "http") -> Iterator[Nginx]:
    """nginx in front of what listens on the port `upstream`."""
    rendered = rendered_nginx(folder, upstream=upstream, server=server)
    process = Program(rendered.command, output=folder / "output.log", cwd=folder, env={"PATH": os.environ["PATH"]})
    with listening(process, rendered.port):
        yield rendered


def rendered_nginx(folder: Path, *, upstream: int, server: str = "http") -> Nginx:
    """Copies into `folder` the files that compose.yaml gives to nginx."""
    require_nginx()
    target = Nginx(folder, free_port(), free_port())
    replaced = {
        "/etc/nginx/": f"{folder}/",
        "/tmp/": f"{folder}/",
        "web:8000": f"127.0.0.1:{upstream}",
        "listen 8080": f"listen 127.0.0.1:{target.port}",
        "listen 8443": f"listen 127.0.0.1:{target.tls_port}",
        "127.0.0.1:8081": f"127.0.0.1:{free_port()}",
    }
    certificate(folder / "certificates")
    for volume in compose()["services"]["nginx"]["volumes"]:
        source, place, _mode = interpolated(volume, {"NGINX_SERVER": server}).split(":")
        if place != "/etc/nginx/certificates":
            _copy(ROOT / source, folder / place.removeprefix("/etc/nginx/"))
    pattern = re.compile("|".join(map(re.escape, replaced)))
    for file in folder.rglob("*.conf"):
        file.write_text(pattern.sub(lambda found: replaced[found[0]], file.read_text()))
    return target


def certificate(folder: Path) -> None:
    """A certificate for localhost that nobody vouches for."""
    folder.mkdir()
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", *curve, *files]
    subprocess.run(command, check=True, capture_output=True)


def require_nginx() -> None:
    """Skips, or under CI=true fails, where nginx is not installed."""
    if Path(NGINX).exists() and shutil.which("openssl"):
        return
    reason = "nginx or openssl is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def listening(process: Process, port: int) -> Iterator[Process]:
    """The process once it listens on `port`. It and all that it started are killed afterwards."""
    try:
        wait_until(lambda: _accepts(port) or not process.is_running, what=f"port {port} listens")
        assert process.is_running, process.output_text
        yield process
    finally:
        process.kill()


def _accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=30):
        return True
    return False


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, place)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
