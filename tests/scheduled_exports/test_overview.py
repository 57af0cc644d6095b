"""The overview shows people their own scheduled exports that need them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.scheduled_exports.conftest import Exports
from webapp.access.models import OWNER
from webapp.api_tokens.services import create_token, revoke_token
from webapp.users.queries import get_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
ATTENTION = "1 scheduled export needs your attention"


def test_a_failed_export_is_on_the_overview_until_it_succeeds(
    app: App, exports: Exports, owner: Browser, people: People, export_folder: Path
) -> None:
    export_id = exports.create(target="folder")
    exports.run(export_id)
    assert "needs your attention" not in owner.get("/").text
    for file in export_folder.iterdir():
        file.unlink()
    export_folder.rmdir()
    exports.run(export_id)
    page = owner.get("/").text
    assert ATTENTION in page
    assert f"/exports/{export_id}" in page
    people.create(email="second@example.com", name="Second", password=people.password, roles=[OWNER])
    assert "needs your attention" not in Browser(app).signed_in_as("second@example.com").get("/").text
    export_folder.mkdir()
    exports.run(export_id)
    assert "needs your attention" not in owner.get("/").text


def test_an_export_that_rollcall_paused_is_on_the_overview(
    app: App, exports: Exports, owner: Browser, people: People
) -> None:
    with app.app_context():
        token = create_token(get_user(people.owner().id), name="saves", by=TESTER)
    export_id = exports.create(api=Api(app, token.secret))
    with app.app_context():
        revoke_token(token.row.id, by=TESTER)
    exports.run(export_id)
    page = owner.get("/").text
    assert ATTENTION in page
    assert "Paused" in page
    assert exports.api.delete(f"/scheduled-exports/{export_id}").status_code == 204
    assert "needs your attention" not in owner.get("/").text
