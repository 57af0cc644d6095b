"""Servers that a test may kill: PostgreSQL, Redis and RabbitMQ, each with a folder and ports of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg2

from tests.processes import Program, wait_until
from tests.required import require
from tests.server import free_port

RABBITMQ_SCRIPT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
EPMD = "epmd"


@dataclass(frozen=True)
class Place:
    """Where a server runs: its address, and the start of a command that runs another command there."""

    address: str = "127.0.0.1"
    command: tuple[str, ...] = ()
    # The addresses that may use its database.
    network: str = "127.0.0.1/32"


HERE = Place()


def answers(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


class _Server(ABC):
    """It can be started, killed, and started again with the same data."""

    process: Program

    def __init__(self, name: str, place: Place = HERE) -> None:
        self.place = place
        self.folder = Path(tempfile.mkdtemp(prefix=f"rollcall-{name}-"))
        self.port = free_port()

    @abstractmethod
    def start(self) -> None:
        """Start the process. `wait_until_ready` waits for its answer."""

    def wait_until_ready(self) -> None:
        wait_until(lambda: answers(self.place.address, self.port), seconds=300, what=f"{type(self).__name__} answers")

    def kill(self) -> None:
        self.process.kill()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Kill it with SIGKILL, and start it again at the end of the block."""
        self.kill()
        try:
            yield
        finally:
            self.start()
            self.wait_until_ready()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop its processes during the block, so that it accepts connections and answers none."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        for pid in self.process.family():
            os.kill(pid, number)

    def close(self) -> None:
        with contextlib.suppress(AttributeError):
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


S = TypeVar("S", bound=_Server)


@contextlib.contextmanager
def running(server: S) -> Iterator[S]:
    """Start a server, and remove it with its data at the end of the block."""
    with contextlib.closing(server):
        server.start()
        server.wait_until_ready()
        yield server


class Postgresql(_Server):
    """A cluster by initdb, with fsync on. Root runs it as the user postgres, because it refuses to run as root."""

    def __init__(self, place: Place = HERE) -> None:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        here = shutil.which("initdb")
        require(folders or here, "PostgreSQL's initdb is not installed")
        self.bin = folders[-1] if folders else Path(str(here)).resolve().parent
        self.user = "postgres" if os.geteuid() == 0 else None
        super().__init__("postgresql", place)
        self.data = self.folder / "data"
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        if place is not HERE:
            with (self.data / "pg_hba.conf").open("a") as file:
                file.write(f"host all,replication all {place.network} trust\n")

    def start(self) -> None:
        options = [f"-p{self.port}", f"-clisten_addresses={self.place.address}", f"-k{self.folder}", "-cfsync=on"]
        command = [*self.place.command, *self._as_user, str(self.bin / "postgres"), "-D", str(self.data), *options]
        # Only root can enter a network namespace.
        user = None if self.place.command else self.user
        output = self.folder / "output.txt"
        self.process = Program(command, output=output, env=dict(os.environ), user=user, cwd=self.folder)

    @property
    def _as_user(self) -> tuple[str, ...]:
        if not self.place.command or not self.user:
            return ()
        return ("setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--pdeathsig=KILL", "--")

    def wait_until_ready(self) -> None:
        def connects() -> bool:
            with contextlib.suppress(psycopg2.OperationalError):
                self._connect("postgres").close()
                return True
            return False

        wait_until(connects, what="PostgreSQL accepts connections")

    def stop_at_once(self) -> None:
        """pg_ctl -m immediate stop: no backend ends its transaction, the next start recovers from the log."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "-t", "10", "stop")
        self.process.kill()

    def kill(self) -> None:
        # Each of its processes has a session of its own. On SIGQUIT the first one ends them all.
        if self.process.is_running:
            self.process.signal(signal.SIGQUIT)
            with contextlib.suppress(AssertionError):
                self.process.wait(5)
        self.process.kill()

    def _signal(self, number: int) -> None:
        # Each backend is a session of its own, so it is not in the family of the first process.
        backends = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in (self.process.pid, *map(int, backends)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg2://postgres@{self.place.address}:{self.port}/{database}"

    def sql(self, *statements: str, database: str = "postgres") -> None:
        connection = self._connect(database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def _connect(self, database: str) -> psycopg2.extensions.connection:
        return psycopg2.connect(
            host=self.place.address, port=self.port, user="postgres", dbname=database, connect_timeout=60
        )

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.bin / program), *arguments],
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            check=True,
            capture_output=True,
            timeout=60,
        )


class Redis(_Server):
    """Nothing is written to disk: it loses its queues when it is killed."""

    def __init__(self, place: Place = HERE) -> None:
        require(shutil.which("redis-server"), "redis-server is not installed")
        super().__init__("redis", place)

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", self.place.address, "--protected-mode", "no"]
        command = [*self.place.command, "redis-server", *options, "--save", "", "--appendonly", "no"]
        output = self.folder / "output.txt"
        self.process = Program(command, output=output, env=dict(os.environ), cwd=self.folder)

    def url(self, number: int) -> str:
        return f"redis://{self.place.address}:{self.port}/{number}"


class Rabbitmq(_Server):
    """A node with a name, ports and a port mapper of its own."""

    def __init__(self) -> None:
        require(RABBITMQ_SCRIPT.exists() and shutil.which(EPMD), "rabbitmq-server is not installed")
        super().__init__("rabbitmq")
        self.mapper_port = free_port()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))} | {
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self.mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"faults{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
        }
        self.mapper = Program(
            [EPMD, "-port", str(self.mapper_port)], output=self.folder / "epmd.txt", env=self.env, cwd=self.folder
        )

    def start(self) -> None:
        self.process = Program([str(RABBITMQ_SCRIPT)], output=self.folder / "output.txt", env=self.env, cwd=self.folder)

    def close(self) -> None:
        super().close()
        self.mapper.kill()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"
