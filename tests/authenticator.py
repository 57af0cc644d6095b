"""A WebAuthn authenticator in software: it creates passkeys and signs challenges, as browsers do."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

ORIGIN = "http://localhost"
PRESENT, VERIFIED, SYNCED, ATTESTED = 0x01, 0x04, 0x18, 0x40
GOOGLE = "ea9b8d664d011d213ce4b6b48cb575d4"


@dataclass
class Authenticator:
    """One passkey. Change the fields to behave wrongly."""

    origin: str = ORIGIN
    flags: int = PRESENT | VERIFIED | SYNCED
    aaguid: str = GOOGLE
    sign_count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> str:
        """Return the answer to navigator.credentials.create() as JSON."""
        self.user_handle = decode(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        length = len(self.credential_id).to_bytes(2, "big")
        credential = bytes.fromhex(self.aaguid) + length + self.credential_id
        data = self._data(options["rp"]["id"], ATTESTED) + credential + encode_cbor({1: 2, 3: -7, -1: 1} | point)
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def get(self, options: dict[str, Any]) -> str:
        """Return the answer to navigator.credentials.get() as JSON."""
        data = self._data(options["rpId"])
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"authenticatorData": data, "signature": signature, "userHandle": self.user_handle}
        return self._answer(clientDataJSON=client, **parts)

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        start = hashlib.sha256(rp_id.encode()).digest()
        return start + bytes([self.flags | flags]) + self.sign_count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        name = encode(self.credential_id)
        parts = {key: encode(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})


def encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
