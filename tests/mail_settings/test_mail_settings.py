"""Owners change what their organisation adds to e-mails."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.audit.models import AuditRecord
from webapp.core.permissions import Permission
from webapp.core.sealing import unseal
from webapp.db.session import db
from webapp.mail.models import Mail
from webapp.mail.queries import get_organisation
from webapp.mail_settings.logos import LOGO_BYTES_MAX
from webapp.mail_settings.services import SUBJECT_ID, mail_settings_texts
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
ORGANISATION = {"name": "ООО «Ромашка»", "support_contact": "help@example.com"}
TEXTS = {
    "signature_en": "Yours\nRomashka",
    "signature_ru": "Ваша\nРомашка",
    "invitation_intro_en": "Welcome",
    "invitation_intro_ru": "Добро пожаловать",
}


def save(browser: Browser, version: int = 0, **fields: Any) -> TestResponse:
    return browser.post("/settings/organisation", **ORGANISATION | {"version": version} | fields)


def save_texts(browser: Browser, version: int = 0, **fields: Any) -> TestResponse:
    return browser.post("/settings/mail", **TEXTS | {"version": version} | fields)


def opened_with(browser: Browser) -> str:
    """Return the values with which the page of the organisation is opened now."""
    found = re.search(r'name="opened_with"[^>]*value="([^"]*)"', browser.get("/settings/organisation").text)
    assert found
    return html.unescape(found[1])


def saved(app: App) -> dict[str, str]:
    with app.app_context():
        return mail_settings_texts(get_organisation())


def test_the_texts_are_saved_and_shown(app: App, owner: Browser) -> None:
    assert save(owner).status_code == 303
    assert save_texts(owner, version=1).status_code == 303
    assert saved(app) == ORGANISATION | TEXTS
    page = owner.get("/settings/mail").text + owner.get("/settings/organisation").text
    assert all(line in page for text in saved(app).values() for line in text.splitlines())


@pytest.mark.parametrize("text", ["علی\u200cرضا", "👩\u200d💻"])
def test_texts_can_have_joiners(app: App, owner: Browser, text: str) -> None:
    assert save(owner, name=text).status_code == 303
    assert save_texts(owner, version=1, signature_en=text).status_code == 303
    assert (saved(app)["name"], saved(app)["signature_en"]) == (text, text)


def test_the_change_is_in_the_audit_trail_and_can_be_undone(app: App, owner: Browser) -> None:
    save(owner)
    save(owner, version=1, name="Other")
    with app.app_context():
        record = db.session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc())).first()
        assert record
        assert record.changes == {"name": ["ООО «Ромашка»", "Other"]}
    assert owner.post(f"/audit/{record.id}/undo").status_code == 303
    assert saved(app)["name"] == "ООО «Ромашка»"


def test_a_form_without_changes_leaves_no_record(people: People, owner: Browser) -> None:
    save(owner)
    counts = people.row_counts()
    save(owner, version=1)
    assert people.row_counts() == counts


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x" * 101), ("name", "a\x00b"), ("support_contact", "x" * 255), ("signature_ru", "я" * 2001),
     ("name", "a\u202eb"), ("name", "a\nb"), ("signature_en", "line\n\u202eline")],
)  # fmt: skip
def test_a_wrong_text_is_refused_beside_its_field(people: People, owner: Browser, field: str, value: str) -> None:
    counts = people.row_counts()
    response = (save if field in ORGANISATION else save_texts)(owner, **{field: value})
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert people.row_counts() == counts


def test_two_people_who_change_different_texts_lose_nothing(app: App, owner: Browser) -> None:
    before = opened_with(owner)
    save_texts(owner)
    save(owner, version=1)
    changed = dict.fromkeys(ORGANISATION, "") | {"support_contact": "+7 495"}
    response = owner.post("/settings/organisation", **changed | {"version": 0, "opened_with": before})
    assert response.status_code == 409
    assert "help@example.com" in response.text
    assert saved(app) == ORGANISATION | TEXTS


def test_a_logo_is_kept_and_shown(owner: Browser) -> None:
    assert save(owner, logo=(io.BytesIO(PNG), "logo.png")).status_code == 303
    response = owner.get("/settings/mail/logo")
    assert (response.data, response.content_type) == (PNG, "image/png")
    assert save(owner, version=1, remove_logo="y").status_code == 303
    assert owner.get("/settings/mail/logo").status_code == 404


def test_a_logo_is_saved_after_someone_else_saved_other_texts(app: App, owner: Browser) -> None:
    opened = opened_with(owner)
    save_texts(owner)
    response = save(owner, opened_with=opened, logo=(io.BytesIO(PNG), "logo.png"))
    assert response.status_code == 303
    assert owner.get("/settings/mail/logo").data == PNG
    assert saved(app) == ORGANISATION | TEXTS


@pytest.mark.parametrize("logo", [b"<svg onload=alert(1)>", PNG + b"0" * LOGO_BYTES_MAX, b"GIF89a"])
def test_other_files_are_no_logos(people: People, owner: Browser, logo: bytes) -> None:
    counts = people.row_counts()
    assert save(owner, logo=(io.BytesIO(logo), "logo.png")).status_code == 422
    assert people.row_counts() == counts


def test_the_preview_shows_an_email_and_runs_nothing(owner: Browser) -> None:
    save(owner, logo=(io.BytesIO(PNG), "logo.png"))
    save_texts(owner, version=1)
    for locale, text in (("ru", "Ваша"), ("en", "Yours")):
        response = owner.get(f"/settings/mail/preview?locale={locale}")
        assert text in response.text
        assert 'src="/settings/mail/logo"' in response.text
        policy = response.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "base-uri 'none'" in policy
        assert "script" not in policy
    assert owner.get("/settings/mail/preview?locale=xx").status_code == 404


def test_a_test_email_goes_to_oneself(app: App, owner: Browser, people: People) -> None:
    assert owner.post("/settings/mail/test").status_code == 303
    with app.app_context():
        (mail,) = db.session.scalars(select(Mail))
        assert mail.to == "olga@example.com"
        assert "Open Rollcall" in unseal(mail.sealed_body or "")
    assert people.audit_trail(SUBJECT_ID)[-1] == ("mail_settings.tested", {})


def test_only_people_who_can_change_settings_see_the_page(app: App, access: Access, people: People) -> None:
    role = access.role("Reader", Permission.USERS_READ)
    reader = people.create(email="reader@example.com", password=people.password, roles=[role])
    browser = Browser(app).signed_in_as(reader.email)
    counts = people.row_counts()
    for path in ("", "/preview", "/logo"):
        assert browser.get("/settings/mail" + path).status_code == 403
    for path in ("", "/test"):
        assert browser.post("/settings/mail" + path, **TEXTS, version=0).status_code == 403
    assert people.row_counts() == counts


def test_the_mail_server_is_shown_without_its_password(owner: Browser, app: App, change_settings: Any) -> None:
    change_settings(mail_url="smtp://user:hunter2@mail.example.com:587")
    page = owner.get("/settings/mail").text
    assert "smtp://mail.example.com:587" in page
    assert "hunter2" not in page
