"""A PostgreSQL server that follows another one."""

from __future__ import annotations

import shutil

from tests.jobs.faults.servers import HERE, Place, Postgresql


class Replica(Postgresql):
    """A copy of a running primary that follows it."""

    def __init__(self, primary: Postgresql, place: Place = HERE) -> None:
        super().__init__(place)
        shutil.rmtree(self.folder / "data")
        self._run("pg_basebackup", "-D", str(self.folder / "data"), "-R", "-X", "stream", "--checkpoint=fast",
                  "-h", primary.place.address, "-p", str(primary.port), "-U", "postgres")  # fmt: skip

    def promote(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", "30", "promote")
