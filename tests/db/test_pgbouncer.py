"""PgBouncer in transaction mode: each transaction may run on another connection of the server."""

from __future__ import annotations

import pwd
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.clients import Browser
from tests.deploy.servers import listening
from tests.factories import TESTER, People
from tests.processes import Program
from tests.required import require
from tests.server import free_port
from webapp import create_app
from webapp.audit.verify import verify
from webapp.backups.services import create_backup
from webapp.db.session import db
from webapp.jobs.services import enqueue, run_due_jobs
from webapp.settings import load_settings
from webapp.web.api import App

pytestmark = pytest.mark.engine("postgresql")
PGBOUNCER = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
# Two connections of the server for four threads, so that they change hands.
CONFIGURATION = """
[databases]
* = host={host} port={server_port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits, options
"""


@pytest.fixture
def pooled_app(engine: Engine, tmp_path: Path) -> Iterator[App]:
    """The app, with PgBouncer between it and the server."""
    require(PGBOUNCER, "pgbouncer is not installed")
    port, url = free_port(), engine.url
    values = {"host": url.host or "127.0.0.1", "server_port": url.port or 5432, "user": url.username, "port": port}
    folder = tmp_path / "pgbouncer"
    folder.mkdir(mode=0o755)
    (folder / "pgbouncer.ini").write_text(CONFIGURATION.format(**values))
    # It refuses to run as root.
    user = pwd.getpwuid(65534).pw_name
    command = ["sh", "-c", f"{PGBOUNCER} -u {user} /dev/fd/3 3< {folder}/pgbouncer.ini"]
    with listening(Program(command, output=tmp_path / "output.txt", cwd=Path("/")), port):
        address = url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        app = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": address}))
        yield app
        with app.app_context():
            db.engine.dispose()


def test_pages_jobs_and_backups_work_behind_pgbouncer(pooled_app: App, people: People, tmp_path: Path) -> None:
    people.owner()
    browsers = [Browser(pooled_app).signed_in_as("olga@example.com") for _thread in range(4)]
    with ThreadPoolExecutor(len(browsers)) as pool:
        statuses = list(pool.map(_use, browsers, range(len(browsers))))
    assert {status for each in statuses for status in each} == {200, 303}
    with pooled_app.app_context():
        job_id = enqueue("totals.refresh", by=TESTER).id
        run_due_jobs(holder="here")
        assert create_backup(tmp_path / "backup", by=TESTER).rows["users"] == 1 + 4 * 5
        assert not verify().findings
    assert "Done" in browsers[0].get(f"/jobs/{job_id}").text


def _use(browser: Browser, number: int) -> list[int]:
    """Read with prepared statements and write, in turns. Return the statuses."""
    statuses = []
    for each in range(5):
        fields = {"email": f"a{number}-{each}@example.com", "name": f"Person {each}"}
        statuses.append(browser.post("/users", **fields).status_code)
        statuses += [browser.get(path).status_code for path in ("/users", "/users?q=person", "/")]
    return statuses
