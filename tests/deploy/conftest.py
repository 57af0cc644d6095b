"""Fixtures: Rollcall behind nginx for all tests of this folder, and nginx alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.servers import Nginx, nginx, require_nginx, rollcall
from tests.server import free_port


@dataclass(frozen=True)
class Site:
    nginx: Nginx
    database: Path

    @property
    def port(self) -> int:
        return self.nginx.port


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    require_nginx()
    port, database = free_port(), tmp_path_factory.mktemp("rollcall") / "rollcall.db"
    with rollcall(port, database), nginx(tmp_path_factory.mktemp("nginx"), upstream=port) as proxy:
        yield Site(proxy, database)


@pytest.fixture(scope="module")
def nginx_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx without Rollcall behind it."""
    with nginx(tmp_path_factory.mktemp("nginx"), upstream=free_port()) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def https_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """The same by HTTPS."""
    with nginx(tmp_path_factory.mktemp("nginx"), upstream=free_port(), server="https") as proxy:
        yield proxy
