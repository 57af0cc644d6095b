"""flask users import FILE --invite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mailbox import Mailbox
from webapp.web.api import App


@pytest.mark.parametrize(("options", "sent"), [((), 0), (("--invite",), 2)])
def test_people_are_invited_only_on_request(
    app: App, mailbox: Mailbox, tmp_path: Path, options: tuple[str, ...], sent: int
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,name\na@example.com,Anna\nb@example.com,Boris\n")
    assert app.test_cli_runner().invoke(args=["users", "import", str(file), *options]).exit_code == 0
    assert len(mailbox.letters()) == sent
