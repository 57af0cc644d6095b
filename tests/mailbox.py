"""The e-mails that Rollcall sent, in the folder of MAIL_URL."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from webapp.jobs.services import run_due_jobs
from webapp.web.api import App


class Mailbox:
    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.folder = app, folder

    def letters(self, to: str = "") -> list[EmailMessage]:
        """Run the due jobs, and return all e-mails, or those to one address, oldest first."""
        with self.app.app_context():
            run_due_jobs(holder="tests")
        found = [email.message_from_bytes(file.read_bytes(), policy=default) for file in sorted(self.folder.iterdir())]
        return [cast(EmailMessage, each) for each in found if not to or each["To"] == to]

    def link(self, to: str) -> str:
        """Return the path and query of the link in the last e-mail to this address."""
        found = re.search(r"https?://[^/\s]+(/\S+\?token=[\w-]+)", text_of(self.letters(to)[-1]))
        assert found
        return found[1]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())
