"""Files below FEED_DIR. No path leads out of it: each folder is opened in the one above, and no link is followed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from webapp.core.context import current_settings
from webapp.core.errors import Invalid, Refused
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.feeds.models import PATH_MAX

# A file that was written within this time may not be complete.
SETTLED_SECONDS = 60
# Files of a folder that are compared with a pattern.
FILES_MAX = 10_000
_WILDCARDS = "*?"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe would wait for its writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NotReady(Refused):
    """The file cannot be read now, but maybe in some minutes."""

    code = "not_ready"


def feed_dir() -> Path:
    """Return FEED_DIR. Raise Refused if it is not set."""
    folder = current_settings().feed_dir
    if not folder:
        message = _("Rollcall reads no folder, because its setting FEED_DIR is not set")
        raise Invalid(message, field="path", code="no_feed_dir")
    return Path(folder)


def checked_path(text: str) -> str:
    """Return a path below FEED_DIR like `hr/people-*.csv`. Raise Invalid. Only the last part may have wildcards."""
    feed_dir()
    text = clean_text(text, field="path")
    parts = text.split("/")
    if not text:
        raise Invalid(_("Enter the path of a file below FEED_DIR"), field="path", code="missing")
    if len(text) > PATH_MAX:
        raise Invalid(_("Use at most %(max)s characters", max=PATH_MAX), field="path", code="length")
    if any(part in {"", ".", ".."} for part in parts) or "\\" in text:
        message = _("Enter a path below FEED_DIR without “..”, for example hr/people-*.csv")
        raise Invalid(message, field="path", code="not_a_path")
    if any(sign in part for part in parts[:-1] for sign in _WILDCARDS):
        raise Invalid(_("Only the name of the file can have * and ?"), field="path", code="not_a_path")
    return text


@contextmanager
def open_file(path: str) -> Iterator[tuple[BinaryIO, str]]:
    """Open the newest file that matches, and give its name. Raise Refused, or NotReady while it is being written.

    At the end of the block, raise NotReady if the file was changed since it was opened.
    """
    *folders, pattern = checked_path(path).split("/")
    try:
        descriptor, name = _open_newest(folders, pattern)
    except OSError as error:
        raise Refused(_("The folder cannot be read: %(reason)s", reason=error.strerror or str(error))) from None
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        if time.time() - before.st_mtime < SETTLED_SECONDS:
            raise NotReady(_("%(name)s is still being written", name=name))
        yield file, name
        if _version(os.fstat(descriptor)) != _version(before):
            raise NotReady(_("%(name)s changed while it was read", name=name))


def _open_newest(folders: list[str], pattern: str) -> tuple[int, str]:
    """Return a descriptor and the name. Raise Refused if no file matches, OSError if a folder is missing or a link."""
    with _opened_folder(folders) as folder:
        found = list(_matching_files(folder, pattern))
        if not found:
            raise Refused(_("No file matches %(path)s", path="/".join([*folders, pattern])), code="no_file")
        name = max(found)[1]
        descriptor = os.open(name, _FILE, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Refused(_("No file matches %(path)s", path="/".join([*folders, pattern])), code="no_file")
        return descriptor, name


@contextmanager
def _opened_folder(folders: list[str]) -> Iterator[int]:
    # FEED_DIR itself may be a link: the operator chose it.
    descriptor = os.open(feed_dir(), _FOLDER & ~os.O_NOFOLLOW)
    try:
        for name in folders:
            below = os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def _matching_files(folder: int, pattern: str) -> Iterator[tuple[int, str]]:
    """Yield (time of the last change, name) of each file that matches and is no link."""
    has_wildcards = any(sign in pattern for sign in _WILDCARDS)
    with closing(os.scandir(folder)) as entries:
        for entry, _number in zip(entries, range(FILES_MAX), strict=False):
            # As in a shell: * does not match files that are being uploaded under a name like .people.csv.tmp.
            is_hidden = entry.name.startswith(".") and has_wildcards
            # A [ is an ordinary letter here.
            matches = fnmatchcase(entry.name, pattern.replace("[", "[[]")) if has_wildcards else entry.name == pattern
            if matches and not is_hidden and entry.is_file(follow_symlinks=False):
                yield entry.stat(follow_symlinks=False).st_mtime_ns, entry.name


def _version(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
