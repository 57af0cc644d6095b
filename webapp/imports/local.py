"""An import of a file on this machine, by a command: the same plan as on the pages, without a copy of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, Any

from sqlalchemy.exc import SQLAlchemyError

from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.checks import check_may_import, lock_own
from webapp.imports.files.info import FileInfo
from webapp.imports.finishing import delete_file, finish_applying
from webapp.imports.inviting import invite_chunk
from webapp.imports.models import PLANNED_CHANGES, Import, State
from webapp.imports.options import Options
from webapp.imports.queries import lock_import
from webapp.imports.running import apply_chunk, preview_chunk
from webapp.imports.services import check_can_apply, delete_import
from webapp.imports.sources import RowSource


class Run:
    """One import while the command works on it. `imported` has the counts so far."""

    def __init__(self, imported: Import, file: IO[bytes], by: Actor) -> None:
        self.imported, self._by = imported, by
        self._source = RowSource(file, imported)
        self.was_applied = False

    def preview(self, check_interrupt: Callable[[], object]) -> None:
        """Raise what `check_interrupt` raises, between two chunks."""
        has_more = True
        while has_more:
            check_interrupt()
            has_more = self._step(lambda imported: preview_chunk(imported, self._by, self._source))

    def apply(self, check_interrupt: Callable[[], object]) -> None:
        """Do nothing if no row changes anything. Raise Refused if too many people would be deactivated."""
        if not self.imported.count(*PLANNED_CHANGES) and not self.imported.is_over_threshold:
            return
        check_can_apply(self.imported)
        self.was_applied = True
        self._step(lambda imported: _set_state(imported, State.APPLYING))
        has_more = True
        while has_more:
            check_interrupt()
            has_more = self._step(lambda imported: apply_chunk(imported, self._by))
        self._invite(check_interrupt)

    def _invite(self, check_interrupt: Callable[[], object]) -> None:
        last: int | None = 0 if self.imported.invite else None
        while last is not None:
            check_interrupt()
            last = self._step(partial(invite_chunk, after=last, by=self._by))

    def stop(self) -> None:
        """Keep what was applied, so that it can be undone."""
        if self.imported.state == State.APPLYING:
            self._step(lambda imported: finish_applying(imported, by=self._by))

    def _step(self, work: Callable[[Import], Any]) -> Any:
        with transaction():
            imported = lock_own(self.imported.id, self._by)
            result = work(imported)
        self.imported = imported
        return result


@contextmanager
def open_run(file: IO[bytes], info: FileInfo, options: Options, *, filename: str, by: Actor) -> Iterator[Run]:
    """Start an import. At the end, delete it unless it was applied. Raise Invalid if the options do not fit."""
    check_may_import(by)
    with transaction():
        imported = Import(id=new_id(), requested_by_id=by.id, filename=filename or "-", info=info.to_json())
        options.apply_to(imported, by=by)
        imported.state = State.PLANNING
        db.session.add(imported)
    run = Run(imported, file, by)
    try:
        yield run
    finally:
        with suppress(SQLAlchemyError), transaction():
            last = lock_import(imported.id)
            if last is not None and not run.was_applied:
                delete_import(last)
            elif last is not None and last.file_deleted_at is None:
                delete_file(last)


def _set_state(imported: Import, state: State) -> None:
    imported.state = state
