"""Start the servers of production: Rollcall under gunicorn, behind nginx with the shipped configuration."""

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

import yaml

from tests.databases import copy_migrated_sqlite
from tests.processes import ROOT, Fork, Process, Program, wait_until
from tests.required import require
from tests.server import SECRET_KEY, free_port
from webapp.serve import main

EMAIL, PASSWORD = "owner@example.com", "seven quiet harbours 41"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Nginx:
    """nginx with the shipped configuration, except for ports, folders and the address of Rollcall."""

    folder: Path
    port: int
    tls_port: int

    @property
    def command(self) -> list[str]:
        # As root, nginx starts its workers as `nobody`, which cannot read the folder of a test.
        user = " user root;" if os.geteuid() == 0 else ""
        return [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-g", f"daemon off;{user}"]

    @property
    def log(self) -> str:
        return (self.folder / "output.log").read_text()


@dataclass(frozen=True)
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def send_request(
    port: int, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] = {}, **connect: Any
) -> Response:
    """Send one request on a new connection."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, **{"timeout": 60} | connect)) as connection:
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())


def cookies_of(response: Response) -> str:
    """Return the header `Cookie` that a browser sends after this response."""
    return "; ".join(cookie.partition(";")[0] for cookie in response.headers.get_all("Set-Cookie") or [])


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def interpolate(text: str, values: Mapping[str, str]) -> str:
    """Replace ${NAME}, ${NAME:-default} and ${NAME:?message} in `text`, as Compose does."""
    return VARIABLE.sub(lambda found: values.get(found[1]) or (found[3] or "" if found[2] == "-" else ""), text)


def production_environment(port: int, database: Path) -> dict[str, str]:
    """Return the complete environment of Rollcall in production."""
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
    """Run Rollcall with an owner on `port`, during the block."""
    copy_migrated_sqlite(database)
    env = production_environment(port, database) | {"ROLLCALL_ADMIN_EMAIL": EMAIL, "ROLLCALL_ADMIN_PASSWORD": PASSWORD}
    with listening(Fork(main, output=database.parent / "output.log", env=env), port) as process:
        yield process


@contextmanager
def nginx(folder: Path, *, upstream: int, server: str = "http") -> Iterator[Nginx]:
    """Run nginx during the block, as a proxy for the port `upstream`."""
    rendered = render_nginx(folder, upstream=upstream, server=server)
    process = Program(rendered.command, output=folder / "output.log", cwd=folder, env={"PATH": os.environ["PATH"]})
    with listening(process, rendered.port):
        yield rendered


def render_nginx(folder: Path, *, upstream: int, server: str = "http", address: str = "127.0.0.1") -> Nginx:
    """Copy the configuration files that compose.yaml mounts for nginx into `folder`, with the values replaced."""
    require_nginx()
    target = Nginx(folder, free_port(), free_port())
    replacements = {
        "/etc/nginx/": f"{folder}/",
        "/tmp/": f"{folder}/",
        "web:8000": f"127.0.0.1:{upstream}",
        "listen 8080": f"listen {address}:{target.port}",
        "listen 8443": f"listen {address}:{target.tls_port}",
        "127.0.0.1:8081": f"127.0.0.1:{free_port()}",
    }
    create_certificate(folder / "certificates")
    for volume in compose()["services"]["nginx"]["volumes"]:
        source, target_path, _mode = interpolate(volume, {"NGINX_SERVER": server}).split(":")
        if target_path != "/etc/nginx/certificates":
            _copy(ROOT / source, folder / target_path.removeprefix("/etc/nginx/"))
    pattern = re.compile("|".join(map(re.escape, replacements)))
    for file in folder.rglob("*.conf"):
        file.write_text(pattern.sub(lambda found: replacements[found[0]], file.read_text()))
    return target


def create_certificate(folder: Path) -> None:
    """Create a self-signed certificate for localhost."""
    folder.mkdir()
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", *curve, *files]
    subprocess.run(command, check=True, capture_output=True)


def require_nginx() -> None:
    require(Path(NGINX).exists() and shutil.which("openssl"), "nginx or openssl is not installed")


@contextmanager
def listening(process: Process, port: int) -> Iterator[Process]:
    """Wait until the process listens on `port`. Kill it and its children at the end of the block."""
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


def _copy(source: Path, target_path: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target_path)
    else:
        target_path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target_path)
