"""The lines of a text file, read in parts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TextIO

from webapp.core.errors import Invalid
from webapp.core.texts import _

PART = 64 * 1024
LINE_MAX = 1024 * 1024
# Replaces a line that is too long. No valid line contains it.
NUL = "\x00"


@contextmanager
def opened(file: IO[bytes], encoding: str) -> Iterator[TextIO]:
    """Yield the file as text, from its start. Raise Invalid if its bytes are not text in the encoding."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield text
    except UnicodeError:
        raise Invalid(_("The file is not text in %(encoding)s", encoding=encoding)) from None
    finally:
        # Otherwise it would close the file, which belongs to the caller.
        text.detach()


class Lines:
    """Iterates over lines with their ends, which can be LF, CRLF or CR. A line over LINE_MAX becomes NUL.

    `has_nul`: whether a line with NUL was read. `delimiter`: if given, spaces between a quote and it are removed.
    """

    def __init__(self, text: TextIO, delimiter: str = "") -> None:
        self._text = text
        end = f"(?={re.escape(delimiter)}|[\\r\\n])"
        self._spaces = re.compile(f'(?<=[^"{re.escape(delimiter)}])"[ \t]+{end}') if delimiter else None
        self.has_nul = False

    def __iter__(self) -> Iterator[str]:
        rest, skips = "", False
        while part := self._text.read(PART):
            self.has_nul = self.has_nul or NUL in part
            text = rest + part
            if self._spaces and '" ' in text:
                text = self._spaces.sub('"', text)
            lines = list(io.StringIO(text, newline=""))
            rest = lines.pop()
            if lines and skips:
                lines, skips = lines[1:], False
            yield from lines
            if len(rest) > LINE_MAX:
                if not skips:
                    self.has_nul = skips = True
                    yield NUL + "\n"
                rest = rest[-1:]
        if rest and not skips:
            yield rest
