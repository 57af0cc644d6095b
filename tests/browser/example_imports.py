"""An import in each state that has a page."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.creating import upload_file
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.mappings import save_mapping
from webapp.imports.models import Import, Mode, State
from webapp.imports.options import Options
from webapp.imports.services import apply_import, preview_import, undo_import
from webapp.jobs.models import Job
from webapp.jobs.models import State as JobState

NEW_PEOPLE = """Фамилия;Имя;Эл. почта;Логин;Телефон;Отдел
Ёлкина;Дарья;darya.elkina@rollcall.example;d.elkina;+7 495 000-00-01;Продажи
Wójcik;Łucja;lucja.wojcik@rollcall.example;lucja;+48 22 000 00 02;Support
Núñez;José;jose.nunez@rollcall.example;;;Support
"""
MIXED = """email,name,username,phone
{known},José Álvarez,jose,+34 91 000 00 00
mei.tanaka@rollcall.example,Mei Tanaka,mei,+81 3 0000 0000
noor.haddad@rollcall.example,Noor Haddad,noor,
MEI.TANAKA@rollcall.example,Mei Tanaka,,
not an address,Ana Lima,,
amara.okafor@rollcall.example,Amara Okafor,olga,
"""


def create_imports(by: Actor, *, known: str) -> dict[str, UUID]:
    """`known`: the e-mail address of a person who exists."""
    uploaded = _upload("Сотрудники.csv", NEW_PEOPLE, by)
    planned, applied, undone, running = (_upload("people.csv", MIXED.format(known=known), by) for _state in range(4))
    for each in (planned, applied, undone, running):
        _preview(each, by)
    with transaction():
        # The other imports add the same people.
        db.session.execute(update(Import).where(Import.id == planned).values(filename="new-starters.csv"))
    for each in (undone, applied):
        apply_import(each, plan_hash=db.session.get_one(Import, each).plan_hash, by=by)
        if each == undone:
            undo_import(each, by=by)
            _preview_again(applied, by)
    _run_elsewhere(running, by)
    return {
        "import_mapping": _saved_mapping(uploaded, by),
        "import_uploaded": uploaded,
        "import_planned": planned,
        "import_applied": applied,
        "import_undone": undone,
        "import_running": running,
    }


def _upload(name: str, text: str, by: Actor) -> UUID:
    return upload_file(io.BytesIO(text.encode()), filename=name, by=by).id


def _saved_mapping(import_id: UUID, by: Actor) -> UUID:
    imported = db.session.get_one(Import, import_id)
    options = Options(Mapping.from_json(imported.mapping), Mode.MATCH)
    return save_mapping("Выгрузка из 1С", FileInfo.from_json(imported.info), options, by=by).id


def _preview(import_id: UUID, by: Actor) -> None:
    mapping = Mapping.from_json(db.session.get_one(Import, import_id).mapping)
    preview_import(import_id, Options(mapping, Mode.UPSERT), by=by)


def _preview_again(import_id: UUID, by: Actor) -> None:
    _preview(import_id, by)


def _run_elsewhere(import_id: UUID, by: Actor) -> None:
    tomorrow = now() + timedelta(days=1)
    job = Job(kind="imports.apply", requested_by_id=by.id, requested_by_label=by.label, started_at=now(), total=4213)
    job.state, job.done, job.lease_holder, job.lease_until = JobState.RUNNING, 1200, "elsewhere", tomorrow
    with transaction():
        db.session.add(job)
        db.session.flush()
        changed = update(Import).where(Import.id == import_id)
        db.session.execute(changed.values(state=State.APPLYING, job_id=job.id, total=4213))
