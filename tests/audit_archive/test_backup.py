"""A backup keeps the anchors and the keys: the restored trail verifies with the files, on the other engine, too."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import pytest

from tests.audit_archive.archives import archived, findings, verify
from tests.audit_archive.test_erasure import erase, opened_text
from tests.commands import run
from tests.databases import copy_migrated_sqlite, postgresql_database
from webapp import create_app
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.web.api import App


@pytest.mark.one_engine
def test_a_restored_trail_verifies_with_its_archives(app: App, trail: list[UUID], folder: Path, tmp_path: Path) -> None:
    path = archived(app, folder)
    with app.app_context():
        erase(trail[1])
    assert run(app, "backup", "create", str(tmp_path / "backup"))[0] == 0
    if app.settings.embedded:
        with postgresql_database(f"rollcall_test_{os.getpid()}_archived") as url:
            check_restored(url, tmp_path / "backup", path)
    else:
        copy_migrated_sqlite(tmp_path / "restored.db")
        check_restored(f"sqlite:///{tmp_path}/restored.db", tmp_path / "backup", path)


def check_restored(url: str, backup: Path, path: Path) -> None:
    other = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url}))
    code, _out, err = run(other, "restore", str(backup))
    assert code == 0, err
    code, out = verify(other, path.parent)
    assert code == 0, out
    assert findings(other) == []
    with other.app_context():
        text = opened_text(path)
        assert ("Особа 2" in text, "Особа 1" in text) == (True, False)
    archived(other, path.parent, before="2030-04-01")
    assert findings(other, path.parent) == []
    with other.app_context():
        db.engine.dispose()
