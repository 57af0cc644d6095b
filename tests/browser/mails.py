"""Links in the e-mails that a running server has sent."""

from __future__ import annotations

import email
import re
from email.policy import default
from pathlib import Path

from tests.processes import wait_until


def mailed_link(mails: Path, to: str, page: str) -> str:
    """Wait for an e-mail to this address with a link of this page. Return the link of the newest."""
    found: list[str] = []

    def arrived() -> bool:
        texts = [_text(file) for file in sorted(mails.glob("*.eml")) if f"To: {to}" in file.read_text()]
        found[:] = [link for text in texts for link in re.findall(rf"http\S+/{page}\?token=[\w-]+", text)]
        return bool(found)

    wait_until(arrived, what=f"an e-mail to {to} with a link of {page}")
    return found[-1]


def _text(file: Path) -> str:
    body = email.message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))  # type: ignore[attr-defined]  # of the policy
    return str(body.get_content())
