"""openapi-python-client generates a client from openapi.json, and the client works against a running server."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.app_without_database import APP
from tests.server import Server

NAME = "generated_rollcall_client"
# The generator knows no images.
IMAGES = "".join(f"  image/{kind}: application/octet-stream\n" for kind in ("webp", "png", "jpeg"))
CONFIG = f"post_hooks: []\ncontent_type_overrides:\n{IMAGES}"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Generate the client, and import it."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(APP.description))
    (folder / "config.yml").write_text(CONFIG)
    program = Path(sys.executable).parent / "openapi-python-client"
    options = ["--path", "openapi.json", "--config", "config.yml", "--meta", "none", "--output-path", NAME]
    command = [program, "generate", *options, "--fail-on-warning"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith(NAME)]:
        del sys.modules[name]


def call(operation: str, *arguments: Any, **options: Any) -> Any:
    """Call an operation of the client by its ID."""
    folder = Path(importlib.import_module(NAME).__file__ or "").parent
    (file,) = folder.glob(f"api/*/{operation}.py")
    return importlib.import_module(f"{NAME}.api.{file.parent.name}.{operation}").sync_detailed(*arguments, **options)


def test_it_creates_finds_changes_and_deletes(server: Server, token: str, generated: ModuleType) -> None:
    models = importlib.import_module(f"{NAME}.models")
    with generated.AuthenticatedClient(server.address, token) as client:
        sent = models.UserIn(email="anton@example.com", name="Антон", invite=False)
        created = call("create_user", client=client, body=sent)
        assert (created.status_code, created.parsed.name) == (201, "Антон")
        user_id = created.parsed.id
        change = models.UserPatch(name="Антон Иванов")
        assert call("update_user", user_id, client=client, body=change).parsed.name == "Антон Иванов"
        page = call("list_users", client=client, q="Антон").parsed
        assert [user.id for user in page.items] == [user_id]
        assert call("delete_user", user_id, client=client).status_code == 204
        assert call("get_user", user_id, client=client).parsed.status == models.Status.DELETED
        assert call("get_me", client=client).parsed.email == "olga@example.com"


def test_it_reads_problems(server: Server, token: str, generated: ModuleType) -> None:
    models = importlib.import_module(f"{NAME}.models")
    with generated.AuthenticatedClient(server.address, token) as client:
        refused = call("create_user", client=client, body=models.UserIn(email="nobody", name="N"))
    assert (refused.status_code, refused.parsed.errors[0].field) == (422, "email")
    with generated.AuthenticatedClient(server.address, "rc_unknown") as client:
        assert call("list_users", client=client).parsed.status == 401
