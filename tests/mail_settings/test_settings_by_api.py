"""Programs read and change the settings of the organisation and of its e-mails."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.core.permissions import Permission
from webapp.mail_settings.logos import LOGO_BYTES_MAX
from webapp.mail_settings.services import SUBJECT_ID
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
SETTINGS, LOGO = "/api/v1/settings", "/api/v1/settings/logo"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def sent(image: bytes) -> dict[str, str]:
    return {"content": base64.b64encode(image).decode()}


def test_settings_are_changed_in_parts(api: Api, people: People) -> None:
    before = people.row_counts()
    # No change is no first version.
    assert api.patch("/settings", {"name": ""}).json["version"] == 0
    assert people.row_counts() == before
    changed = api.patch("/settings", {"name": "ООО «Ромашка»", "signature_ru": "Ваша\nРомашка"}).json
    assert (changed["name"], changed["signature_ru"], changed["signature_en"]) == (
        "ООО «Ромашка»",
        "Ваша\nРомашка",
        "",
    )
    assert api.patch("/settings", {"signature_ru": None}).json["signature_ru"] == ""
    assert people.audit_trail(SUBJECT_ID)[-1][0] == "mail_settings.updated"
    before = people.row_counts()
    assert api.patch("/settings", {}).json["name"] == "ООО «Ромашка»"
    assert people.row_counts() == before


def test_of_two_programs_at_once_the_second_gets_412(api: Api, people: People) -> None:
    etag = {"If-Match": api.get("/settings").headers["ETag"]}
    assert api.patch("/settings", {"name": "First"}, headers=etag).status_code == 200
    before = people.row_counts()
    assert api.patch("/settings", {"name": "Second"}, headers=etag).status_code == 412
    assert (people.row_counts(), api.get("/settings").json["name"]) == (before, "First")


def test_the_logo_is_set_shown_and_removed(api: Api) -> None:
    assert api.get("/settings/logo").status_code == 404
    answer = api.client.put(LOGO, json=sent(PNG), headers=api.headers)
    assert (answer.status_code, answer.json["has_logo"]) == (200, True)
    shown = api.get("/settings/logo")
    assert (shown.data, shown.content_type) == (PNG, "image/png")
    assert [api.delete("/settings/logo").status_code for _time in range(2)] == [204, 204]
    assert api.get("/settings").json["has_logo"] is False


@pytest.mark.parametrize(
    "body", [{}, {"content": "*"}, {"content": ""}, sent(b"GIF89a"), sent(PNG + bytes(LOGO_BYTES_MAX)), {"content": 1}]
)
def test_wrong_logos_leave_no_trace(api: Api, people: People, body: dict[str, Any]) -> None:
    before = people.row_counts()
    answer = api.client.put(LOGO, json=body, headers=api.headers)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "content")
    assert people.row_counts() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "a" * 10_000}, "name"),
        ({"name": 1}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"support_contact": "\u202eb"}, "support_contact"),
        ({"version": 3}, "version"),
        ({"logo": "x"}, "logo"),
    ],
)
def test_wrong_values_are_reported_by_field(api: Api, people: People, body: dict[str, Any], field: str) -> None:
    before = people.row_counts()
    answer = api.patch("/settings", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert people.row_counts() == before


def test_the_permission_everywhere_and_the_scope_are_required(app: App, people: People, access: Access) -> None:
    scoped = access.person("Scoped")
    access.grant(access.role("All", *Permission), user_id=scoped.id, scope_id=access.group("North"))
    limited, _id = Tokens(app).create(people.owner(), "users.read")
    callers = [Api(app, people.token_for(scoped)), limited]
    before = people.row_counts()
    for caller in callers:
        for answer in (
            caller.get("/settings"),
            caller.patch("/settings", {"name": "A"}),
            caller.get("/settings/logo"),
            caller.client.put(LOGO, json=sent(PNG), headers=caller.headers),
            caller.delete("/settings/logo"),
            caller.post("/settings/test-mail"),
        ):
            assert answer.status_code == 403
    assert code_of(answer) == "missing_scope"
    assert people.row_counts() == before


def test_the_owner_of_the_token_gets_the_test_mail(api: Api, people: People, mailbox: Mailbox) -> None:
    for _time in range(2):
        assert api.post("/settings/test-mail", headers={"Idempotency-Key": "a"}).status_code == 204
    assert [letter["Subject"] for letter in mailbox.letters(people.owner().email)] == ["Test e-mail from Rollcall"]


def test_answers_are_as_described(api: Api) -> None:
    spec = api.get("/openapi.json").json
    logo = spec_example(spec, "LogoIn")
    for method, path, answer in (
        ("get", SETTINGS, api.get("/settings")),
        ("patch", SETTINGS, api.patch("/settings", spec_example(spec, "SettingsPatch"))),
        ("patch", SETTINGS, api.patch("/settings", {}, headers={"If-Match": "old"})),
        ("put", LOGO, api.client.put(LOGO, json=logo, headers=api.headers)),
        ("delete", LOGO, api.delete("/settings/logo")),
        ("get", LOGO, api.get("/settings/logo")),
        ("post", "/api/v1/settings/test-mail", api.post("/settings/test-mail")),
    ):
        check_described(spec, method, path, answer)
