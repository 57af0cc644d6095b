"""A message is sent as text and HTML, in the language and time zone of its reader."""

from __future__ import annotations

import email
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from sqlalchemy import select

from tests.factories import TESTER
from tests.server import free_port
from webapp.core.sealing import NotReadable, seal, unseal
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.models import Job
from webapp.jobs.services import run_job
from webapp.mail.messages import Message, Recipient
from webapp.mail.models import SUBJECT_MAX, Mail, Organisation
from webapp.mail.services import send_message
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

LINK = "https://rollcall.example.org/reset?token=secret&x=1"
ANTON = Recipient("anton@example.com", "Антон", "ru", "Europe/Moscow")


def message() -> Message:
    return Message(
        subject=f"{_('Password')} <b>",
        paragraphs=["1 < 2"],
        button="Go",
        address=LINK,
        expires_at=datetime(2026, 12, 1, 21, 30, tzinfo=UTC),
        not_you="Not you?",
        facts=[("Address", "192.0.2.1")],
    )


@pytest.fixture
def folder(tmp_path: Path, change_settings: Callable[..., None]) -> Path:
    change_settings(mail_url=f"file://{tmp_path}", mail_from="rollcall@example.com")
    return tmp_path


def run_jobs() -> None:
    for job_id in db.session.scalars(select(Job.id)).all():
        run_job(job_id, holder="here")


def delivered(app: App, folder: Path, recipient: Recipient = ANTON) -> EmailMessage:
    with app.app_context():
        send_message(recipient, message, by=TESTER)
        db.session.commit()
        run_jobs()
    (file,) = folder.glob("*.eml")
    return email.message_from_bytes(file.read_bytes(), policy=default)  # type: ignore[return-value]  # of the policy


def bodies(mail: EmailMessage) -> tuple[str, str]:
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text
    assert html
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def test_both_parts_say_the_same(app: App, folder: Path) -> None:
    text, html = bodies(delivered(app, folder))
    for said in ("Здравствуйте, Антон", "2 дек. 2026", "00:30", "Europe/Moscow", "Not you?", "192.0.2.1"):
        assert said in text
        assert said in html
    assert LINK in text
    assert LINK.replace("&", "&amp;") in html


def test_html_is_escaped_and_loads_nothing(app: App, folder: Path) -> None:
    _text, html = bodies(delivered(app, folder))
    assert "1 &lt; 2" in html
    assert "<title>Пароль &lt;b&gt;</title>" in html
    assert not any(remote in html for remote in ("<img", "<link", "url(", "@import"))
    assert 'style="' in html


def test_an_unknown_language_and_zone_are_english_and_utc(app: App, folder: Path) -> None:
    text, _html = bodies(delivered(app, folder, Recipient("a@example.com", "", "xx", "Mars/Base")))
    assert text.startswith("Hello,\n")
    assert "9:30" in text
    assert "(UTC)" in text


def test_the_organisation_signs_it(app: App, folder: Path) -> None:
    with app.app_context():
        row = Organisation(
            name="Ромашка", support_contact="+7 1", signature={"ru": "Ваша\nРомашка"}, invitation_intro={}
        )
        db.session.add(row)
        db.session.commit()
    text, html = bodies(delivered(app, folder))
    for said in ("+7 1", "Ваша\nРомашка"):
        assert said in text
        assert said in html


def test_the_database_does_not_hold_the_secret_of_a_link(app: App, folder: Path) -> None:
    with app.app_context():
        send_message(ANTON, message, by=TESTER)
        db.session.commit()
        (mail,) = db.session.scalars(select(Mail))
        assert "secret" not in str(vars(mail))
        run_jobs()
        db.session.refresh(mail)
        assert (mail.text, mail.sealed_body) == ("", None)


def test_a_subject_is_not_cut_behind_a_joiner(app: App) -> None:
    long = Message(subject="a" * (SUBJECT_MAX - 2) + "👩\u200d💻", paragraphs=[])
    with app.app_context():
        mail = send_message(ANTON, lambda: long, by=TESTER)
    assert mail.subject == "a" * (SUBJECT_MAX - 2) + "👩"


class Refusing:
    """An SMTP server without this mailbox."""

    async def handle_RCPT(self, *_arguments: object) -> str:  # noqa: N802  aiosmtpd's name
        return "550 5.1.1 No such person"


def test_a_mailbox_that_does_not_exist_fails_at_once(app: App, change_settings: Callable[..., None]) -> None:
    port = free_port()
    controller = Controller(Refusing(), hostname="127.0.0.1", port=port)
    controller.start()
    change_settings(mail_url=f"smtp://127.0.0.1:{port}", mail_from="rollcall@example.com")
    with app.app_context():
        send_message(ANTON, message, by=TESTER)
        db.session.commit()
        run_jobs()
        (mail,) = db.session.scalars(select(Mail))
    controller.stop()
    assert mail.failed_at
    assert mail.error == "550 5.1.1 No such person"


def test_older_keys_can_read_what_they_sealed(app: App, change_settings: Callable[..., None]) -> None:
    with app.app_context():
        old, new = SecretStr("0123456789abcdef" * 4), SecretStr("fedcba9876543210" * 4)
        change_settings(secret_key=old)
        sealed = seal("тайна")
        change_settings(secret_key=new)
        with pytest.raises(NotReadable):
            unseal(sealed)
        change_settings(secret_key=new, secret_key_previous=old)
        assert unseal(sealed) == "тайна"
