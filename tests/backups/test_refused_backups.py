"""What cannot be restored is refused in one sentence, and nothing is changed."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.backups.commands import run
from tests.factories import People
from webapp.backups.archive import FRAME
from webapp.backups.protection import PREAMBLE
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PASSPHRASE = "correct horse battery staple"
CUT_OFF = "This backup is cut off: its end is missing. Nothing was changed."
ALTERED = "This backup was altered or is damaged. Nothing was changed."
NO_BACKUP = "This file is not a backup of Rollcall."


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def altered_rows(content: bytes) -> bytes:
    """Alter the first byte of the second frame. The size of a frame is before its content."""
    header_size, _kind = FRAME.unpack_from(content, PREAMBLE.size)
    return flipped(content, PREAMBLE.size + FRAME.size + header_size + FRAME.size)


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _content: b"", NO_BACKUP),
    "another file": (lambda _content: b"PK\x03\x04" * 100, NO_BACKUP),
    "cut off by one byte": (lambda content: content[:-1], CUT_OFF),
    "cut off in the middle": (lambda content: content[: len(content) // 2], CUT_OFF),
    "without frames": (lambda content: content[: PREAMBLE.size], CUT_OFF),
    "longer": (lambda content: content + b"\0", ALTERED),
    "altered header": (lambda content: flipped(content, PREAMBLE.size + 20), ALTERED),
    "altered salt": (lambda content: flipped(content, 25), ALTERED),
    "altered rows": (altered_rows, ALTERED),
    "altered end": (lambda content: flipped(content, len(content) - 1), ALTERED),
    "a newer format": (
        lambda content: content[:17] + b"\x02" + content[18:],
        "A newer Rollcall made this backup (format 2). Install that version to restore it.",
    ),
}


def test_a_damaged_backup_is_refused(filled: App, people: People, backup: Path) -> None:
    content, before = backup.read_bytes(), people.row_counts()
    for name, (damage, sentence) in DAMAGES.items():
        backup.write_bytes(damage(content))
        for command in (["backup", "verify"], ["restore"]):
            assert run(filled, *command, backup) == (1, f"Error: {sentence}\n"), name
    assert people.row_counts() == before


def test_each_altered_byte_of_the_frames_is_found(filled: App, backup: Path) -> None:
    content = backup.read_bytes()
    for place in range(PREAMBLE.size, len(content), len(content) // 40):
        backup.write_bytes(flipped(content, place))
        assert run(filled, "backup", "verify", backup)[0] == 1, place


def test_a_backup_needs_its_passphrase(
    filled: App, people: People, change_settings: Callable[..., None], tmp_path: Path
) -> None:
    file = tmp_path / "encrypted"
    change_settings(backup_passphrase=SecretStr(PASSPHRASE))
    assert "encrypted." in run(filled, "backup", "create", file)[1]
    assert b"anna" not in file.read_bytes()
    file.write_bytes(content := file.read_bytes())
    assert run(filled, "backup", "verify", file)[0] == 0
    file.write_bytes(flipped(content, len(content) // 2))
    assert run(filled, "restore", file) == (1, f"Error: {ALTERED}\n")
    file.write_bytes(content)
    change_settings(backup_passphrase=SecretStr(PASSPHRASE + "!"))
    wrong = "Error: BACKUP_PASSPHRASE is not the passphrase of this backup.\n"
    assert run(filled, "restore", file) == (1, wrong)
    change_settings(backup_passphrase=SecretStr(""))
    missing = "Error: This backup is encrypted. Set BACKUP_PASSPHRASE to its passphrase.\n"
    assert run(filled, "restore", file) == (1, missing)


def test_a_backup_without_encryption_does_not_replace_an_encrypted_one(
    filled: App, people: People, change_settings: Callable[..., None], backup: Path
) -> None:
    before = people.row_counts()
    change_settings(backup_passphrase=SecretStr(PASSPHRASE))
    sentence = "This backup is not encrypted, but BACKUP_PASSPHRASE is set. Remove the setting to trust it."
    for command in (["backup", "verify"], ["restore"]):
        assert run(filled, *command, backup) == (1, f"Error: {sentence}\n")
    assert people.row_counts() == before


def test_a_backup_replaces_no_file(filled: App, backup: Path) -> None:
    before = backup.read_bytes()
    code, output = run(filled, "backup", "create", backup)
    assert (code, output) == (1, f"Error: {backup} exists. A backup does not replace a file: choose another name.\n")
    assert backup.read_bytes() == before


def test_a_full_disk_leaves_no_file(filled: App, people: People, tmp_path: Path) -> None:
    before = people.row_counts()
    with file_size_limit(2000):
        code, output = run(filled, "backup", "create", tmp_path / "full")
    assert (code, output) == (1, "Error: Input or output: File too large.\n")
    assert list(tmp_path.iterdir()) == []
    assert people.row_counts() == before


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let writes of larger files fail in the block, as on a full disk."""
    before: Any = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
