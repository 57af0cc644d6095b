"""SMTP by TLS: the certificate is verified before the password and the e-mail leave."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message as Email
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from tests.factories import TESTER
from tests.server import free_port
from webapp.db.session import db
from webapp.jobs.models import Job
from webapp.jobs.services import run_job
from webapp.mail.models import Mail
from webapp.mail.services import send_mail
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

HOST = "mail.example.com"
PASSWORD = "canary"


class Mailbox(Message):
    """An SMTP server that keeps e-mails and passwords."""

    def __init__(self, *, accepts: bool = True) -> None:
        super().__init__()
        self.accepts = accepts
        self.port = free_port()
        self.received: list[Email] = []
        self.passwords: list[object] = []

    def handle_message(self, message: Email) -> None:
        self.received.append(message)

    def authenticate(self, _server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> Any:
        self.passwords.append(data.password)
        return AuthResult(success=self.accepts, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for HOST, with its key."""
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    command += ["-addext", f"subjectAltName=DNS:{HOST}", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "certificate.pem"


@pytest.fixture
def host_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """HOST is this machine, as a false DNS answer could say."""
    resolve = socket.getaddrinfo

    def resolve_here(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if host == HOST else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)


@contextmanager
def server(certificate: Path | None, *, implicit: bool = False, accepts: bool = True) -> Iterator[Mailbox]:
    """`accepts`: whether each password is right."""
    mailbox = Mailbox(accepts=accepts)
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    tls = {"ssl_context" if implicit else "tls_context": context} if context else {}
    options = {"auth_require_tls": False, "authenticator": mailbox.authenticate}
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **options, **tls)
    controller.start()
    yield mailbox
    controller.stop()


def send(app: App, change_settings: Callable[..., None], mail_url: str) -> str | None:
    """Send one e-mail. Return the error that its job keeps."""
    change_settings(mail_url=mail_url)
    with app.app_context():
        send_mail(to="anton@example.com", subject="Hello", text="Hello", by=TESTER)
        job_id = db.session.scalars(select(Job.id)).one()
        run_job(job_id, holder="here")
        mail = db.session.scalars(select(Mail)).one()
        job = db.session.get_one(Job, job_id)
        assert (mail.sent_at is None) == (job.error is not None)
        return job.error


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_trusted_server_gets_the_email(
    app: App,
    change_settings: Callable[..., None],
    certificate: Path,
    host_is_here: None,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server(certificate, implicit=scheme == "smtps") as mailbox:
        error = send(app, change_settings, f"{scheme}://user:{PASSWORD}@{HOST}:{mailbox.port}")
    assert error is None
    assert (len(mailbox.received), mailbox.passwords) == (1, [PASSWORD.encode()])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_with_an_untrusted_certificate_gets_neither_email_nor_password(
    app: App, change_settings: Callable[..., None], certificate: Path, host_is_here: None, scheme: str
) -> None:
    with server(certificate, implicit=scheme == "smtps") as mailbox:
        error = send(app, change_settings, f"{scheme}://user:{PASSWORD}@{HOST}:{mailbox.port}")
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert PASSWORD not in str(error)
    assert (mailbox.received, mailbox.passwords) == ([], [])


def test_a_certificate_of_another_host_is_refused(
    app: App, change_settings: Callable[..., None], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server(certificate, implicit=True) as mailbox:
        error = send(app, change_settings, f"smtps://user:{PASSWORD}@localhost:{mailbox.port}")
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert (mailbox.received, mailbox.passwords) == ([], [])


def test_a_server_that_offers_no_tls_gets_neither_email_nor_password(
    app: App, change_settings: Callable[..., None], host_is_here: None
) -> None:
    with server(None) as mailbox:
        error = send(app, change_settings, f"smtp://user:{PASSWORD}@{HOST}:{mailbox.port}")
    assert "STARTTLS" in str(error)
    assert (mailbox.received, mailbox.passwords) == ([], [])


def test_an_email_waits_while_the_server_refuses_the_password(app: App, change_settings: Callable[..., None]) -> None:
    with server(None, accepts=False) as mailbox:
        error = send(app, change_settings, f"smtp://user:{PASSWORD}@localhost:{mailbox.port}")
    assert "535" in str(error)
    assert PASSWORD not in str(error)
    with app.app_context():
        mail = db.session.scalars(select(Mail)).one()
        assert (mail.failed_at, mail.sealed_body is not None) == (None, True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("tls", [True, False])
def test_a_server_on_this_machine_needs_no_trusted_certificate(
    app: App, change_settings: Callable[..., None], certificate: Path, host: str, tls: bool
) -> None:
    with server(certificate if tls else None) as mailbox:
        assert send(app, change_settings, f"smtp://user:{PASSWORD}@{host}:{mailbox.port}") is None
    assert len(mailbox.received) == 1
