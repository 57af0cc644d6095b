"""Deliver an e-mail to the terminal, a folder or an SMTP server, as MAIL_URL says."""

from __future__ import annotations

import ipaddress
import json
import smtplib
import ssl
import sys
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from webapp.core.context import current_settings
from webapp.core.sealing import unseal
from webapp.core.written_files import new_file
from webapp.db.transactions import release_connection
from webapp.mail.models import Mail
from webapp.mail.queries import LOGO_ADDRESS, get_organisation

SMTP_PORTS = {"smtp": 25, "smtps": 465}
SMTP_SECONDS = 4


def deliver(mail: Mail) -> None:
    """Deliver the e-mail. Call it outside a transaction, because servers can be slow.

    Raise OSError (SMTPException is a subclass) if this fails, NotReadable if its body is.
    """
    message, name = _message(mail), f"{mail.id}.eml"
    # A server can be slow, and PostgreSQL ends transactions that wait for 10 s.
    release_connection()
    parts = urlsplit(current_settings().mail_url)
    if parts.scheme == "console":
        sys.stderr.write(f"\n{message.as_string()}\n")
    elif parts.scheme == "file":
        with new_file(Path(unquote(parts.path), name)) as file:
            file.write(message.as_bytes(policy=SMTP))
    else:
        _send_by_smtp(message)


def server_name() -> str:
    """Return where mail goes, without user and password, for people."""
    url = current_settings().mail_url
    parts = urlsplit(url)
    if parts.scheme not in SMTP_PORTS:
        return url
    return f"{parts.scheme}://{parts.hostname}:{parts.port or SMTP_PORTS[parts.scheme]}"


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage()
    # Names in a subject may look like encoded words (RFC 2047). `email` would decode them, also to new lines.
    subject = mail.subject.replace("=?", "= ?")
    message["From"], message["To"], message["Subject"] = current_settings().mail_from, mail.to, subject
    message["Date"] = format_datetime(mail.created_at)
    # The same at each attempt, so that servers can recognise duplicates.
    message["Message-ID"] = f"<{mail.id}@rollcall>"
    message["Auto-Submitted"] = "auto-generated"
    body = json.loads(unseal(mail.sealed_body)) if mail.sealed_body else {"text": mail.text, "html": ""}
    message.set_content(body["text"])
    if body["html"]:
        message.add_alternative(body["html"], subtype="html")
        _attach_logo(message, body["html"])
    return message


def _attach_logo(message: EmailMessage, html: str) -> None:
    """Attach the logo that the HTML shows. Mail programs do not load images of other servers without being asked."""
    logo = get_organisation().logo
    if logo and LOGO_ADDRESS in html:
        subtype = "png" if logo.startswith(b"\x89PNG") else "jpeg"
        payload = cast("list[EmailMessage]", message.get_payload())
        payload[-1].add_related(logo, "image", subtype, cid=f"<{LOGO_ADDRESS.removeprefix('cid:')}>")


def _send_by_smtp(message: EmailMessage) -> None:
    parts = urlsplit(current_settings().mail_url)
    with _connect(parts.scheme, parts.hostname or "", parts.port or SMTP_PORTS[parts.scheme]) as server:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _connect(scheme: str, host: str, port: int) -> smtplib.SMTP:
    """Connect with verified TLS. Raise OSError if the server offers no TLS or its certificate is not valid for `host`.

    Loopback needs no TLS with `smtp`: no one can listen there, and no authority issues certificates for it.
    """
    # Made at each connection, so that a renewed SSL_CERT_FILE counts.
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    try:
        server.ehlo()
        if not _is_loopback(host):
            server.starttls(context=context)
        elif server.has_extn("starttls"):
            # Without a context it does not verify. Servers may accept passwords only after STARTTLS.
            server.starttls()
    except BaseException:
        server.close()
        raise
    return server


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
