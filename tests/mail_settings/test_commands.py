"""flask settings …"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import commands
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def run(app: App, *arguments: str) -> tuple[int, str, str]:
    return commands.run(app, "settings", *arguments)


def read(app: App, *arguments: str) -> Any:
    return commands.read(app, "settings", *arguments)


def test_settings_are_changed_and_emptied(app: App) -> None:
    changed = read(app, "update", "--name=ООО «Ромашка»", "--signature-ru=Ваша Ромашка")
    assert (changed["name"], changed["signature_ru"]) == ("ООО «Ромашка»", "Ваша Ромашка")
    assert read(app, "update", "--signature-ru=")["signature_ru"] == ""
    assert "name:           ООО «Ромашка»" in run(app, "show")[1]


def test_the_logo_is_set_written_and_removed(app: App, tmp_path: Path) -> None:
    source, copy = tmp_path / "a.png", tmp_path / "b.png"
    source.write_bytes(PNG)
    assert read(app, "set-logo", str(source))["has_logo"] is True
    assert run(app, "logo", str(copy))[0] == 0
    assert copy.read_bytes() == PNG
    assert read(app, "remove-logo")["has_logo"] is False


def test_a_test_mail_is_sent(app: App, people: People, mailbox: Mailbox) -> None:
    assert run(app, "test-mail", people.owner().email)[0] == 0
    assert len(mailbox.letters(people.owner().email)) == 1


def test_errors_have_a_message_and_an_exit_code(app: App, people: People, tmp_path: Path) -> None:
    empty, text = tmp_path / "empty", tmp_path / "text"
    empty.write_bytes(b"")
    text.write_text("GIF89a")
    before = people.row_counts()
    for arguments, code in (
        (["update"], 2),
        (["update", "--name", "a" * 10_000], 1),
        (["logo"], 1),
        (["set-logo", str(empty)], 1),
        (["set-logo", str(text)], 1),
        (["set-logo", str(tmp_path / "none")], 2),
        (["test-mail", "nobody"], 1),
    ):
        exit_code, _out, err = run(app, *arguments)
        assert (exit_code, bool(err), "Traceback" in err) == (code, True, False), arguments
    assert people.row_counts() == before
