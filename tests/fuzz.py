"""python -m tests.fuzz [--examples 100] [--engines sqlite,postgresql] [options of schemathesis]

Starts Rollcall as in production and lets schemathesis send valid and wrong requests to every operation of openapi.json.
It compares the answers with the description. `make fuzz` runs it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.databases import copy_migrated_sqlite, migrate_in_fork, postgresql_database
from tests.factories import People
from tests.processes import ROOT
from tests.server import SECRET_KEY, Server, running_server
from webapp import create_app
from webapp.db.session import db
from webapp.settings import load_settings

ENGINES = ("sqlite", "postgresql")
FIXED = ("--continue-on-failure", "--generation-database", "none")
NO_LIMITS = dict.fromkeys(("API_LIMIT", "LOGIN_LIMIT", "RESET_LIMIT", "EXPORT_LIMIT"), "off")


@contextmanager
def fuzzed_server(engine: str, folder: Path) -> Iterator[tuple[Server, str]]:
    """Start a server with an owner and ten people. Yield it with the owner's token."""
    if engine == "sqlite":
        copy_migrated_sqlite(folder / "rollcall.db")
        with _server(f"sqlite:///{folder}/rollcall.db", folder) as started:
            yield started
    else:
        with postgresql_database("rollcall_fuzz") as url:
            migrate_in_fork(url, folder)
            with _server(url, folder) as started:
                yield started


@contextmanager
def _server(url: str, folder: Path) -> Iterator[tuple[Server, str]]:
    app = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}))
    people = People(app)
    token = people.token_for(people.owner())
    people.create_many(10)
    with app.app_context():
        db.engine.dispose()
    with running_server(folder, migrated=False, DATABASE_URL=url, MAIL_URL=f"file://{folder}", **NO_LIMITS) as server:
        yield server, token


def fuzz(server: Server, token: str, options: Sequence[str]) -> int:
    """Run schemathesis and return its exit code. It does not change the token and its owner."""
    headers = {"Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.address}/api/v1/me", headers=headers)) as answer:
        me = json.load(answer)
    kept = [me["id"], me["token"]["id"]]
    program = Path(sys.executable).parent / "schemathesis"
    command = [str(program), "--config-file", str(ROOT / "schemathesis.toml"), "run", "--checks", "all", "--no-color"]
    command += [f"{server.address}/api/v1/openapi.json"]
    command += ["--header", f"Authorization: Bearer {token}", *options]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz_hooks", "FUZZ_KEPT_IDS": " ".join(kept), "PYTHONPATH": str(ROOT)}
    # It keeps what it finds in the folder where it runs.
    return subprocess.run(command, cwd=server.folder, env=os.environ | hooks, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--examples", default="100", help="requests for each operation")
    parser.add_argument("--engines", default=",".join(ENGINES))
    args, options = parser.parse_known_args()
    codes = []
    for engine in args.engines.split(","):
        print(f"\n## {engine}\n", flush=True)  # noqa: T201
        with tempfile.TemporaryDirectory(prefix="rollcall-fuzz-") as name:
            folder = Path(name)
            with fuzzed_server(engine, folder) as (server, token):
                codes.append(fuzz(server, token, [*FIXED, "--max-examples", args.examples, *options]))
                (ROOT / "build").mkdir(exist_ok=True)
                shutil.copy(folder / "output.txt", ROOT / "build" / f"fuzz-{engine}.log")
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
