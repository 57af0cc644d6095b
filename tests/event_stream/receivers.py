"""Receivers of events on this machine: syslog over TLS (RFC 5425), and HTTPS. Their certificate is made here."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificate(folder: Path) -> Path:
    """Write a certificate of 127.0.0.1 with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    start = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start)
    builder = builder.not_valid_after(start + timedelta(days=1000)).add_extension(addresses, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    file = folder / "receiver.pem"
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()) + certificate.public_bytes(pem))
    return file


class Receiver:
    """What a receiver got. `behaviour` is "accept", or how it fails: "refuse", "cut" or "hang"."""

    def __init__(self) -> None:
        self.port = 0
        self.behaviour = "accept"
        self.events: list[dict[str, Any]] = []
        self.messages: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.stopping = threading.Event()

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@contextmanager
def syslog_receiver(certificate: Path) -> Iterator[Receiver]:
    receiver, context = Receiver(), _server_context(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        receiver.port = server.getsockname()[1]
        thread = threading.Thread(target=_accept, args=[server, context, receiver])
        thread.start()
        yield receiver
        receiver.stopping.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", receiver.port), timeout=1):
            pass
        thread.join()


def _accept(server: socket.socket, context: ssl.SSLContext, receiver: Receiver) -> None:
    while True:
        connection, _address = server.accept()
        with connection:
            if receiver.stopping.is_set():
                return
            connection.settimeout(5)
            with suppress(OSError):
                _receive(context.wrap_socket(connection, server_side=True), receiver)


def _receive(tls: ssl.SSLSocket, receiver: Receiver) -> None:
    data = b""
    with tls:
        if receiver.behaviour == "cut":
            return
        while received := tls.recv(65536):
            data += received
        if receiver.behaviour == "accept":
            receiver.messages += frames(data)
            receiver.events += [json.loads(message.split(" ", 7)[7]) for message in frames(data)]
            tls.unwrap()


def frames(data: bytes) -> list[str]:
    """Return the messages of frames with their length (RFC 5425, 4.3)."""
    found = []
    while data:
        length, _space, rest = data.partition(b" ")
        found.append(rest[: int(length)].decode("ascii"))
        data = rest[int(length) :]
    return found


@contextmanager
def https_receiver(certificate: Path) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            accepts = receiver.behaviour == "accept"
            if receiver.behaviour == "hang":
                receiver.stopping.wait(10)
            if accepts:
                receiver.headers.append(dict(self.headers))
                receiver.events += map(json.loads, body.splitlines())
            self.send_response(204 if accepts else 302)
            self.send_header("Location", "https://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = _server_context(certificate).wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.stopping.set()
        server.shutdown()
        server.server_close()


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
