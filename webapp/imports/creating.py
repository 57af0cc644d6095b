"""Starts an import: stores the file, recognises it and suggests what its columns mean."""

from __future__ import annotations

from hashlib import sha256
from pathlib import PurePath
from typing import IO
from uuid import UUID

from webapp.attributes.queries import live_attributes
from webapp.bulk.requester import save_token
from webapp.core.clock import now
from webapp.core.errors import Invalid, Stale
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.checks import check_may_import, lock_own
from webapp.imports.files import recognise
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.known_names import known_names
from webapp.imports.models import FILENAME_MAX, Import, Mode, State
from webapp.imports.queries import mapping_for
from webapp.imports.services import delete_import
from webapp.imports.uploads import open_upload, save_parts


def upload_file(
    file: IO[bytes], *, filename: str, by: Actor, locale: str = "en", encoding: str = "", format: str = ""
) -> Import:
    """Store a file and recognise it. Raise Invalid if it cannot be read, TooLarge or Forbidden."""
    check_may_import(by)
    with transaction():
        imported = Import(id=new_id(), requested_by_id=by.id, filename=_clean(filename), locale=locale)
        db.session.add(imported)
        save_token(imported, by)
    try:
        size = save_parts(imported.id, file)
        info = _recognise(imported.id, size, imported.filename, by=by, encoding=encoding, format=format)
    except BaseException:
        with transaction():
            delete_import(db.session.get_one(Import, imported.id))
        raise
    with transaction():
        imported = lock_own(imported.id, by)
        imported.size = size
        _keep_info(imported, info)
    return imported


def recognise_again(import_id: UUID, *, by: Actor, encoding: str = "", delimiter: str = "") -> Import:
    """Read the file with another encoding or delimiter. Raise Stale if it is planned or applied already, Invalid."""
    imported = db.session.get_one(Import, import_id)
    info = _recognise(import_id, imported.size, imported.filename, by=by, encoding=encoding, delimiter=delimiter)
    with transaction():
        imported = lock_own(import_id, by)
        if imported.state not in {State.UPLOADED, State.PLANNED} or imported.file_deleted_at:
            raise Stale(_("The preview is being created or the import was already applied"))
        imported.state = State.UPLOADED
        _keep_info(imported, info)
    return imported


def headings_key(info: FileInfo) -> str:
    """Return a hash that is the same for files with the same headings in the same order."""
    return sha256("\n".join(heading.strip().casefold() for heading in info.headings).encode()).hexdigest()


def _recognise(
    import_id: UUID, size: int, filename: str, *, by: Actor, encoding: str = "", format: str = "", delimiter: str = ""
) -> FileInfo:
    if not size:
        raise Invalid(_("The file is empty"), field="file", code="empty")
    return recognise(
        open_upload(import_id, size),
        filename=filename,
        format=format or None,
        encoding=encoding or None,
        delimiter=delimiter or None,
        attributes=live_attributes(),
        is_known=known_names(by),
    )


def _keep_info(imported: Import, info: FileInfo) -> None:
    """Keep what was recognised. The mapping is the one that was saved for these headings, if there is one."""
    saved = mapping_for(headings_key(info))
    imported.info, imported.mapping = info.to_json(), info.mapping.to_json()
    if saved:
        saved.last_used_at = now()
        imported.mapping = Mapping.from_json(saved.mapping).fit(info.headings).to_json()
        imported.mode = Mode(saved.options.get("mode", imported.mode))
        imported.key_field = saved.options.get("key_field", imported.key_field)
        imported.threshold = saved.options.get("threshold", imported.threshold)


def _clean(filename: str) -> str:
    """Return the name without folders and invisible characters."""
    name = PurePath(filename.replace("\\", "/")).name
    shown = "".join(character for character in name if character.isprintable())
    return shown[:FILENAME_MAX] or str(_("Unnamed file"))
