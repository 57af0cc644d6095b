"""If the mail server refuses an invitation, the person's page shows its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.clients import Api
from tests.server import free_port
from webapp.jobs.services import run_due_jobs
from webapp.web.api import App


class Refusing:
    """A mail server that knows no one."""

    async def handle_RCPT(self, *_rest: Any) -> str:  # noqa: N802  the name that aiosmtpd calls
        return "550 5.1.1 No such mailbox"


@pytest.fixture
def refusing_server(change_settings: Callable[..., None]) -> Iterator[None]:
    port = free_port()
    controller = Controller(Refusing(), hostname="127.0.0.1", port=port)
    controller.start()
    change_settings(mail_url=f"smtp://127.0.0.1:{port}", mail_from="Rollcall <rollcall@example.com>")
    yield
    controller.stop()


@pytest.mark.usefixtures("refusing_server")
def test_the_state_is_failed_with_the_answer(app: App, api: Api) -> None:
    user = api.post("/users", {"email": "anton@example.com", "name": "Anton"}).json
    with app.app_context():
        run_due_jobs(holder="tests")
    shown = api.get(f"/users/{user['id']}/invitation").json
    assert shown["state"] == "failed"
    assert "No such mailbox" in shown["error"]
