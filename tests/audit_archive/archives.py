"""Helpers of the tests of archives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from tests.commands import run
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.db.session import db
from webapp.web.api import App

BEFORE = "2030-02-01"
# The people of the fixture `trail`.
PEOPLE = 3
# The records of `trail` before this day: the people and the administrator were created, the latter got a role, and the
# people were renamed.
OLD = 2 * PEOPLE + 2


def archive(app: App, folder: Path, *more: str, before: str = BEFORE) -> tuple[int, str, str]:
    """Return the exit code and both outputs of `audit archive`."""
    return run(app, "audit", "archive", "--before", before, "--folder", str(folder), *more)


def archived(app: App, folder: Path, before: str = BEFORE) -> Path:
    """Archive, and return the new file."""
    old = set(folder.iterdir())
    code, out, err = archive(app, folder, before=before)
    assert code == 0, out + err
    (path,) = set(folder.iterdir()) - old
    return path


def verify(app: App, *paths: Path) -> tuple[int, str]:
    code, out, err = run(app, "audit", "verify", *(f"--archive={path}" for path in paths))
    return code, out + err


def findings(app: App, *paths: Path) -> list[tuple[str, str]]:
    """Return the kind and the sentence of each finding."""
    _code, out, _err = run(app, "audit", "verify", "--json", *(f"--archive={path}" for path in paths))
    return [(each["kind"], each["what"]) for each in json.loads(out)["findings"]]


def trail_rows() -> tuple[int, int]:
    """Return the numbers of records and of details in the database."""
    counts: Sequence[Any] = [
        db.session.scalar(select(func.count()).select_from(model)) for model in (AuditRecord, AuditDetails)
    ]
    return counts[0], counts[1]
