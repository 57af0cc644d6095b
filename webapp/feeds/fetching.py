"""Reads the file of a feed and uploads it as an import, outside a transaction: files are large and servers slow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, Any, NamedTuple, cast

from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.core.sealing import NotReadable, unseal
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.feeds.folder import open_file
from webapp.feeds.models import Feed, Source
from webapp.imports.creating import upload_file
from webapp.imports.models import Import
from webapp.imports.queries import lock_import
from webapp.imports.services import delete_import

BLOCK = 256 * 1024


class SameFile(Exception):
    """The last import was of this file."""


class Fetched(NamedTuple):
    """The uploaded file: its import, and its digest."""

    imported: Import
    digest: str


def fetch(feed: Feed, *, by: Actor) -> Fetched:
    """Upload the file of a feed. Raise SameFile, NotReady, or Refused if it cannot be read. Then nothing is kept."""
    imported: Import | None = None
    try:
        with _opened(feed, feed.last_digest) as (file, name):
            hashed = _Hashed(file, feed.last_digest)
            source, texts = cast(IO[bytes], hashed), {"locale": feed.locale, "encoding": feed.encoding}
            imported = upload_file(source, filename=name, by=by, **texts)
    except BaseException:
        # It changed while it was read.
        if imported is not None:
            _delete(imported)
        raise
    return Fetched(imported, hashed.digest)


@transaction()
def _delete(imported: Import) -> None:
    if locked := lock_import(imported.id):
        delete_import(locked)


@contextmanager
def _opened(feed: Feed, last_digest: str | None) -> Iterator[tuple[Any, str]]:
    if feed.source == Source.ADDRESS:
        from webapp.feeds.download import open_download  # noqa: PLC0415  httpx, which only workers need

        with open_download(feed.location, _headers(feed)) as opened:
            yield opened
        return
    with open_file(feed.location) as (file, name):
        # Reading a file twice is cheaper than storing one that was imported already.
        if last_digest and _digest_of(file) == last_digest:
            raise SameFile
        file.seek(0)
        yield file, name


def _headers(feed: Feed) -> dict[str, str]:
    try:
        return {feed.header_name: unseal(feed.sealed_header)} if feed.sealed_header else {}
    except NotReadable:
        message = _("The secret of the header cannot be read because SECRET_KEY has changed. Enter it again.")
        raise Refused(message) from None


def _digest_of(file: IO[bytes]) -> str:
    digest = sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


class _Hashed:
    """A file that is hashed while it is read. At its end, it raises SameFile if its digest is `last_digest`."""

    def __init__(self, file: Any, last_digest: str | None) -> None:
        self._file, self._last_digest = file, last_digest
        self._digest = sha256()

    def read(self, size: int) -> bytes:
        block: bytes = self._file.read(size)
        self._digest.update(block)
        if not block and self.digest == self._last_digest:
            raise SameFile
        return block

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()
