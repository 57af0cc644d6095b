"""A crash at any step loses and doubles nothing: the next run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.audit_archive.archives import OLD, archive, findings, trail_rows, verify
from tests.commands import read
from webapp.audit_archive import removal, services
from webapp.web.api import App


def crash(*_arguments: Any, **_named: Any) -> None:
    raise KeyboardInterrupt


def crash_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int = 1) -> None:
    """Let the function work until this call, and then stop the process."""
    real: Callable[..., Any] = getattr(module, name)
    calls = iter(range(1, 1000))

    def counted(*given: Any, **named: Any) -> Any:
        return crash() if next(calls) == call else real(*given, **named)

    monkeypatch.setattr(module, name, counted)


STEPS = [
    (services, "write_archive", 1, False),
    (services, "check_file", 1, False),
    (services, "seal_archive", 1, True),
    (services, "remove_records", 1, True),
    (removal, "remove_batch", 1, True),
    (removal, "remove_batch", 3, True),
    (removal, "_finish", 1, True),
]


@pytest.mark.parametrize(("module", "name", "call", "has_file"), STEPS)
def test_the_next_run_goes_on(
    app: App,
    trail: list[UUID],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    call: int,
    has_file: bool,
) -> None:
    monkeypatch.setattr(removal, "BATCH_SIZE", {"postgresql": 2, "sqlite": 2})
    with app.app_context():
        total = trail_rows()[0]
    with monkeypatch.context() as patch:
        crash_at(patch, module, name, call)
        code, _out, err = archive(app, folder)
    assert (code, "Stopped by Ctrl-C" in err) == (1, True)
    assert [path.suffix for path in folder.iterdir()] == [".audit"] * has_file
    assert findings(app) == []
    # What kill -9 leaves of a file that was being written.
    (folder / ".rollcall-0001-20300201.audit.99.partial").write_text("x")
    code, _out, err = archive(app, folder)
    assert code == 0, err
    (listed,) = read(app, "audit", "archives")["items"]
    assert (listed["state"], listed["records"], (folder / listed["file"]).is_file()) == ("finished", OLD, True)
    with app.app_context():
        assert trail_rows() == (total - OLD + 1, total - OLD + 1)
    code, out = verify(app, folder)
    assert (code, f"{total + 1} records" in out) == (0, True), out


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("change", "sentence"),
    [(Path.unlink, "cannot be read (No such file"), (lambda path: path.write_bytes(b"x"), "was altered")],
)
def test_nothing_more_is_removed_without_the_right_file(
    app: App,
    trail: list[UUID],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], object],
    sentence: str,
) -> None:
    with monkeypatch.context() as patch:
        crash_at(patch, services, "remove_records")
        archive(app, folder)
    (path,) = folder.iterdir()
    content = path.read_bytes()
    with app.app_context():
        rows = trail_rows()
    change(path)
    code, _out, err = archive(app, folder)
    assert (code, sentence in err, "still in the database" in err) == (1, True, True)
    with app.app_context():
        assert trail_rows() == rows
    path.write_bytes(content)
    assert archive(app, folder)[0] == 0
    assert findings(app, folder) == []


@pytest.mark.one_engine
def test_another_file_under_the_name_is_not_taken(
    app: App, trail: list[UUID], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        crash_at(patch, services, "seal_archive")
        archive(app, folder)
    (path,) = folder.iterdir()
    path.write_bytes(b"x")
    with app.app_context():
        rows = trail_rows()
    code, _out, err = archive(app, folder)
    assert (code, "This file is not an audit archive of Rollcall." in err) == (1, True)
    with app.app_context():
        assert trail_rows() == rows
