"""A letter in the transaction of the change, sent by a job."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from sqlalchemy import select, update

from tests.factories import TESTER
from tests.server import free_port
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import Job
from webapp.jobs.services import run_job
from webapp.mail.models import Mail
from webapp.mail.services import send_mail
from webapp.mail.tasks import ATTEMPTS
from webapp.users.identity import parse_name
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

LETTER = {"to": "anton@example.com", "subject": "Добро пожаловать", "text": "Привет, Антон!\n"}


class Mailbox(Message):
    """A real SMTP server that keeps what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[email.message.Message] = []
        self.port = free_port()

    def handle_message(self, message: email.message.Message) -> None:
        self.letters.append(message)


@pytest.fixture
def mailbox(change_settings: Callable[..., None]) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    change_settings(mail_url=f"smtp://127.0.0.1:{mailbox.port}", mail_from="Rollcall <rollcall@example.com>")
    yield mailbox
    controller.stop()


def sent(app: App, **changes: str) -> None:
    with app.app_context():
        send_mail(**LETTER | changes, by=TESTER)
        for job_id in db.session.scalars(select(Job.id)).all():
            run_job(job_id, holder="here")


def test_it_arrives_whole_in_any_script(app: App, mailbox: Mailbox) -> None:
    sent(app)
    (letter,) = mailbox.letters
    assert str(email.header.make_header(email.header.decode_header(letter["Subject"]))) == "Добро пожаловать"
    assert letter.get_payload(decode=True).decode().strip() == "Привет, Антон!"
    assert (letter["To"], letter["From"]) == ("anton@example.com", "Rollcall <rollcall@example.com>")


def test_a_second_run_of_its_job_sends_no_second_letter(app: App, mailbox: Mailbox) -> None:
    sent(app)
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        job.state = "waiting"
        db.session.commit()
        run_job(job.id, holder="again")
    assert len(mailbox.letters) == 1


def test_a_rolled_back_change_sends_nothing(app: App, mailbox: Mailbox) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            send_and_fail()
        assert db.session.scalars(select(Mail)).all() == []
        assert db.session.scalars(select(Job)).all() == []


@transaction()
def send_and_fail() -> None:
    send_mail(**LETTER, by=TESTER)
    raise ZeroDivisionError


def test_a_server_that_is_away_is_tried_again(app: App, mailbox: Mailbox, change_settings: Callable[..., None]) -> None:
    change_settings(mail_url=f"smtp://127.0.0.1:{free_port()}", mail_from="rollcall@example.com")
    sent(app)
    change_settings(mail_url=f"smtp://127.0.0.1:{mailbox.port}", mail_from="rollcall@example.com")
    with time_machine.travel(now() + timedelta(minutes=1)), app.app_context():
        job = db.session.scalars(select(Job)).one()
        assert (job.state, "refused" in job.error) == ("waiting", True)
        run_job(job.id, holder="later")
    assert len(mailbox.letters) == 1


def test_a_server_that_stays_away_is_given_up(app: App, change_settings: Callable[..., None]) -> None:
    change_settings(mail_url=f"smtp://127.0.0.1:{free_port()}")
    sent(app)
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        for attempt in range(1, ATTEMPTS):
            assert (job.state, job.attempts) == ("waiting", attempt)
            with time_machine.travel(now() + timedelta(hours=attempt)):
                run_job(job.id, holder="here")
            db.session.refresh(job)
        assert (job.state, job.attempts) == ("failed", ATTEMPTS)


@pytest.mark.both_engines
def test_others_can_write_while_the_server_takes_its_time(app: App, mailbox: Mailbox) -> None:
    def write(_message: email.message.Message) -> None:
        with app.app_context(), transaction():
            db.session.execute(update(Mail).values(error="written meanwhile"))

    mailbox.handle_message = write  # type: ignore[method-assign]  # the server calls it
    sent(app)
    with app.app_context():
        mail = db.session.scalars(select(Mail)).one()
    assert (mail.sent_at is not None, mail.error) == (True, "written meanwhile")


@pytest.mark.parametrize(
    "changes",
    [{"subject": "a\nBcc: x@example.com"}, {"to": "a@example.com\r\nBcc: x"}, {"to": ""}, {"subject": "\x00"}],
)
def test_nothing_is_smuggled_into_a_header(app: App, mailbox: Mailbox, changes: dict[str, str]) -> None:
    with app.app_context():
        with pytest.raises(Invalid):
            send_mail(**LETTER | changes, by=TESTER)
        assert db.session.scalars(select(Mail)).all() == []
    assert mailbox.letters == []


def test_a_subject_that_looks_encoded_is_not_decoded(app: App, mailbox: Mailbox) -> None:
    sent(app, subject="=?utf-8?q?Hi=0D=0ABcc:_x@example.com=0D=0A=0D=0AEvil?= invites you")
    (letter,) = mailbox.letters
    assert (letter["Bcc"], letter["Subject"][:4]) == (None, "= ?u")
    assert letter.get_payload(decode=True).decode().strip() == "Привет, Антон!"


@pytest.mark.parametrize("name", ["علی\u200cرضا", "क्\u200dष", "👩\u200d💻"])
def test_a_subject_has_every_name_that_a_person_can_have(app: App, mailbox: Mailbox, name: str) -> None:
    sent(app, subject=f"{parse_name(name)[0]} invites you")
    assert len(mailbox.letters) == 1


def test_a_folder_takes_letters_too(
    app: App, tmp_path: Path, mailbox: Mailbox, change_settings: Callable[..., None]
) -> None:
    change_settings(mail_url=f"file://{tmp_path}", mail_from="rollcall@example.com")
    sent(app)
    (file,) = tmp_path.glob("*.eml")
    assert email.message_from_bytes(file.read_bytes())["To"] == "anton@example.com"


def test_a_file_of_the_folder_is_complete_when_it_appears(
    app: App, tmp_path: Path, change_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(mail_url=f"file://{tmp_path}")
    rename, seen = Path.rename, []

    def look_and_rename(draft: Path, path: Path) -> Path:
        seen.append((b"Subject: " in draft.read_bytes(), list(tmp_path.glob("*.eml"))))
        return rename(draft, path)

    monkeypatch.setattr(Path, "rename", look_and_rename)
    sent(app)
    assert seen == [(True, [])]
    (file,) = tmp_path.iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".eml", 0o600)
