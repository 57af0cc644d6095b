"""One server for all tests of this folder that only send requests to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import copy_migrated_sqlite
from tests.factories import TESTER
from tests.server import Server, running_server
from webapp import create_app
from webapp.api_tokens.services import create_token
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.users.queries import get_user_by_identifier

OWNER = {"ROLLCALL_ADMIN_EMAIL": "olga@example.com", "ROLLCALL_ADMIN_PASSWORD": "перекличка в полдень"}


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the owner of its environment. All accounts could read its database before it started."""
    folder = tmp_path_factory.mktemp("server")
    copy_migrated_sqlite(folder / "rollcall.db")
    (folder / "rollcall.db").chmod(0o666)
    with running_server(folder, **OWNER) as server:
        yield server


@pytest.fixture(scope="package")
def token(server: Server) -> str:
    """A token of the owner."""
    settings = {"APP_ENV": "testing", "DATABASE_URL": f"sqlite:///{server.folder}/rollcall.db"}
    with create_app(load_settings(settings)).app_context():
        secret = create_token(get_user_by_identifier("olga@example.com"), name="test", by=TESTER).secret
        db.engine.dispose()
    return secret
