"""One Rollcall with nginx in front of it, for all tests of a file."""

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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    require_nginx()
    port, database = free_port(), tmp_path_factory.mktemp("rollcall") / "rollcall.db"
    with rollcall(port, database), nginx(tmp_path_factory.mktemp("nginx"), upstream=port) as front:
        yield Site(front, database)


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Nginx]:
    """nginx while Rollcall is away."""
    with nginx(tmp_path, upstream=free_port()) as front:
        yield front
