"""A PostgreSQL server that follows another one."""

from __future__ import annotations

import shutil

from tests.jobs.faults.servers import HERE, Place, Postgresql


class Replica(Postgresql):
    """A copy of a running primary that follows it."""

    def __init__(self, primary: Postgresql, place: Place = HERE) -> None:
        super().__init__(place)
        shutil.rmtree(self.data)
        server = ["-h", primary.place.address, "-p", str(primary.port), "-U", "postgres"]
        self._run("pg_basebackup", "-D", str(self.data), "-R", "-X", "stream", "--checkpoint=fast", *server)

    def promote(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "30", "promote")
