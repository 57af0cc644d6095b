"""Clients that read or send slowly do not keep Rollcall from answering others."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.deploy.conftest import Site
from tests.deploy.servers import cookies_of, send_request
from tests.deploy.test_nginx import sign_in
from webapp import create_app
from webapp.dashboard.dormant import DORMANT_REPORT
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import Job, JobFile, State
from webapp.settings import load_settings
from webapp.users.models import User

FILE_BYTES = 16 * 1024 * 1024
READERS = 10
SENDERS = 100
# As deploy/nginx/site.conf says.
FILES_AT_ONCE = 5


@dataclass(frozen=True)
class File:
    path: str
    # The header of the person who may download it.
    cookie: str


@pytest.fixture(scope="module")
def file(site: Site) -> File:
    # The port accepts connections before Rollcall has created the owner.
    cookie = cookies_of(sign_in(site.port, {}))
    return File(f"/jobs/{create_job_with_file(site)}/file", cookie)


def test_slow_readers_do_not_stop_other_requests(site: Site, file: File) -> None:
    with ExitStack() as stack:
        readers = [stack.enter_context(slow_reader(site, file, number)) for number in range(READERS)]
        statuses = sorted(reader.status for reader in readers)
        assert statuses == [200] * FILES_AT_ONCE + [429] * (READERS - FILES_AT_ONCE)
        for _request in range(20):
            # Without buffering, this request waits for a reader to give up, for over 30 s.
            assert send_request(site.port, "GET", "/healthz", timeout=20).status == 200


def test_slow_senders_do_not_stop_other_requests(site: Site) -> None:
    """Some stop in the headers, some in the body. Each holds a connection of nginx, and no thread of Rollcall."""
    unfinished = (
        b"GET /users HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nemail=",
    )
    assert send_request(site.port, "GET", "/healthz").status == 200
    with ExitStack() as stack:
        for number in range(SENDERS):
            sender = stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            sender.sendall(unfinished[number % len(unfinished)])
        for _request in range(20):
            assert send_request(site.port, "GET", "/healthz", timeout=20).status == 200


def test_a_download_is_complete(site: Site, file: File) -> None:
    response = send_request(site.port, "GET", file.path, headers={"Cookie": file.cookie})
    assert (response.status, len(response.body)) == (200, FILE_BYTES)


def create_job_with_file(site: Site) -> UUID:
    """Create a finished job of the owner with a file that cannot be compressed. Return the id of the job."""
    app = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": f"sqlite:///{site.database}"}))
    with app.app_context(), transaction():
        owner_id = db.session.scalars(select(User.id)).one()
        job = Job(kind=DORMANT_REPORT, state=State.DONE, requested_by_id=owner_id, requested_by_label="Owner")
        db.session.add(job)
        db.session.flush()
        content = secrets.token_bytes(FILE_BYTES)
        db.session.add(JobFile(job_id=job.id, name="report.csv", content_type="text/csv", content=content))
        return job.id


class SlowReader:
    """Reads a few bytes at a time, so that nginx does not give up the connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stopping = threading.Event()
        self.status = int(connection.recv(64).split()[1])
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while not self._stopping.wait(0.5) and self._connection.recv(64):
            continue

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()


@contextmanager
def slow_reader(site: Site, file: File, number: int) -> Iterator[SlowReader]:
    """A client with an address of its own."""
    with socket.socket() as connection:
        # As small as the kernel allows, so that it takes nothing that the client has not read.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.bind((f"127.0.1.{number + 1}", 0))
        connection.connect(("127.0.0.1", site.port))
        head = f"GET {file.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {file.cookie}\r\n\r\n"
        connection.sendall(head.encode())
        reader = SlowReader(connection)
        try:
            yield reader
        finally:
            reader.stop()
