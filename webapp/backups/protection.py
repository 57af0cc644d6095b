"""Protects the frames of a backup: checksums without a passphrase, authenticated encryption with one.

Both depend on all frames before, so a frame that is altered, removed, repeated or moved is found at its place.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from webapp.core.errors import Refused

FORMAT = 1
# Magic, format, whether it is encrypted, salt of the passphrase, check value of the passphrase.
PREAMBLE = struct.Struct(">16sHB16s32s")
SALT_SIZE, CHECK_SIZE, KEY_SIZE = 16, 32, 32
# 64 MiB and about 0.3 s (OWASP's second choice: 128 MiB would double the memory of a backup).
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**16, 8, 2
SCRYPT_MEMORY = 2 * 128 * SCRYPT_N * SCRYPT_R


@dataclass(frozen=True)
class FileType:
    """A kind of protected files. `name` is for sentences, `magic` has 16 bytes."""

    name: str
    magic: bytes


BACKUP = FileType("backup", b"ROLLCALL-BACKUP\n")


class Damaged(Refused):
    code = "damaged"


class Protection(Protocol):
    def seal(self, kind: int, payload: bytes) -> bytes: ...

    def open(self, kind: int, sealed: bytes) -> bytes:
        """Return the payload. Raise Damaged if it is not what was sealed at this place."""


class Checksums:
    """Each frame ends with the SHA-256 of the previous checksum, its kind and its payload."""

    def __init__(self, preamble: bytes, file_type: FileType) -> None:
        self._type = file_type
        self._last = hashlib.sha256(preamble).digest()

    def seal(self, kind: int, payload: bytes) -> bytes:
        self._last = self._next(kind, payload)
        return payload + self._last

    def open(self, kind: int, sealed: bytes) -> bytes:
        payload = sealed[: -hashlib.sha256().digest_size]
        self._last = self._next(kind, payload)
        if sealed[len(payload) :] != self._last:
            raise altered(self._type)
        return payload

    def _next(self, kind: int, payload: bytes) -> bytes:
        digest = hashlib.sha256(self._last)
        digest.update(bytes([kind]))
        digest.update(payload)
        return digest.digest()


class Encryption:
    """AES-256-GCM. The nonce is the number of the frame: each file has a key of its own."""

    def __init__(self, key: bytes, preamble: bytes, file_type: FileType) -> None:
        self._type = file_type
        self._cipher = AESGCM(key)
        self._preamble = preamble
        self._number = 0

    def seal(self, kind: int, payload: bytes) -> bytes:
        return self._cipher.encrypt(self._nonce(), payload, self._preamble + bytes([kind]))

    def open(self, kind: int, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(), sealed, self._preamble + bytes([kind]))
        except InvalidTag:
            raise altered(self._type) from None

    def _nonce(self) -> bytes:
        self._number += 1
        return self._number.to_bytes(12, "big")


def altered(file_type: FileType = BACKUP) -> Damaged:
    return Damaged(f"This {file_type.name} was altered or is damaged. Nothing was changed.")


def new_protection(passphrase: str, file_type: FileType = BACKUP) -> tuple[bytes, Protection]:
    """Return the preamble of a new file, and its protection."""
    if not passphrase:
        preamble = PREAMBLE.pack(file_type.magic, FORMAT, 0, bytes(SALT_SIZE), bytes(CHECK_SIZE))
        return preamble, Checksums(preamble, file_type)
    salt = secrets.token_bytes(SALT_SIZE)
    key, check = _derived(passphrase, salt)
    preamble = PREAMBLE.pack(file_type.magic, FORMAT, 1, salt, check)
    return preamble, Encryption(key, preamble, file_type)


def protection_of(preamble: bytes, passphrase: str, file_type: FileType = BACKUP) -> Protection:
    """Return the protection of an existing file. Raise Damaged or Refused with the reason why it cannot be read."""
    name = file_type.name
    if len(preamble) < PREAMBLE.size or not preamble.startswith(file_type.magic):
        raise Damaged(f"This file is not {'an' if name[0] in 'aeiou' else 'a'} {name} of Rollcall.")
    _magic, version, encrypted, salt, check = PREAMBLE.unpack(preamble)
    if version > FORMAT:
        raise Refused(f"A newer Rollcall made this {name} (format {version}). Install that version to restore it.")
    if not encrypted and passphrase:
        # A checksum needs no secret: an attacker with access to the storage could replace the backup.
        raise Refused(f"This {name} is not encrypted, but BACKUP_PASSPHRASE is set. Remove the setting to trust it.")
    if not encrypted:
        return Checksums(preamble, file_type)
    if not passphrase:
        raise Refused(f"This {name} is encrypted. Set BACKUP_PASSPHRASE to its passphrase.")
    key, expected = _derived(passphrase, salt)
    if not hmac.compare_digest(check, expected):
        raise Refused(f"BACKUP_PASSPHRASE is not the passphrase of this {name}.")
    return Encryption(key, preamble, file_type)


def is_encrypted(preamble: bytes) -> bool:
    return bool(PREAMBLE.unpack(preamble)[2])


def _derived(passphrase: str, salt: bytes) -> tuple[bytes, bytes]:
    """Return the key of the frames, and a value that shows a wrong passphrase without revealing the key."""
    size = KEY_SIZE + CHECK_SIZE
    derived = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=SCRYPT_MEMORY, dklen=size
    )
    return derived[:KEY_SIZE], derived[KEY_SIZE:]
