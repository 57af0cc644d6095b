"""Detects the encoding of a text file by its content."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from typing import IO

from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.imports.files.alphabets import count_languages, is_odd

PART = 256 * 1024
SAMPLE = 64 * 1024
WORDS_MAX = 5000
# Text without a byte order mark is UTF-16 if at least this percentage of its bytes is zero.
UTF16_ZERO_PERCENT = 20
# Of Windows, which nearly all files come from; then of older systems, which count if none of these fits.
COMMON = ("cp1252", "cp1251", "cp1250", "cp1254")
RARE = (
    "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic", "cp1253", "cp1257", "iso8859-2", "cp850", "cp852",
    "mac-roman",
)  # fmt: skip
ODD_PERCENT = 3
# Fewer zero bytes are errors of single rows.
ZEROS_MAX = 8
# An encoding is certain if its words are of one language, and those of every other one of as many as this.
MANY_LANGUAGES = 3
CHOICES_MAX = 4
# Python calls them encodings of text, but no program writes files in them.
_NO_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs"})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORD = re.compile(rb"[A-Za-z'\x80-\xff]+")

# Return how many headings with letters beyond ASCII are known words, in the text of the first lines.
CountHeadings = Callable[[str], int]


def detect_encodings(file: IO[bytes], count_headings: CountHeadings) -> tuple[str, ...]:
    """Return the encodings that fit, the most likely first. Raise Invalid if none fits."""
    file.seek(0)
    sample = file.read(SAMPLE)
    if sample.count(0) > max(ZEROS_MAX, len(sample) // 50) and not _unicode(sample):
        raise _not_text()
    for encoding in [*_unicode(sample), "utf-8"]:
        if is_text_in(encoding, file):
            return (encoding,)
    if sample.startswith(tuple(mark for mark, _encoding in _MARKS)):
        raise _not_text()
    words = _words_beyond_ascii(file)
    fitting = [encoding for encoding in (*COMMON, *RARE) if _decoded(words, encoding) is not None]
    if known := _by_headings(sample, fitting, count_headings):
        fitting = known
    found = _distinct(words, _by_words(words, fitting)) or _by_charset_normalizer(sample)
    found = [encoding for encoding in found if is_text_in(encoding, file)]
    if not found:
        raise _not_text()
    return tuple(found[:CHOICES_MAX])


def check_encoding(encoding: str, file: IO[bytes]) -> str:
    """Return the usual name of an encoding that people chose. Raise Invalid if the file is not text in it."""
    try:
        name = codecs.lookup(encoding.strip()).name
        "".encode(name)
    except (LookupError, ValueError, UnicodeError):
        name = "undefined"
    if name.replace("_", "-") in _NO_ENCODINGS:
        raise Invalid(_("Unknown encoding: %(name)s", name=encoding[:40]), field="encoding")
    if not is_text_in(name, file):
        raise Invalid(_("The file is not text in %(encoding)s", encoding=name), field="encoding")
    return "utf-8-sig" if name == "utf-8" else name


def is_text_in(encoding: str, file: IO[bytes]) -> bool:
    """Decode the file part by part, because a large one does not fit into memory."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while part := file.read(PART):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _not_text() -> Invalid:
    return Invalid(_("The file is not text in a known encoding"))


def _unicode(sample: bytes) -> list[str]:
    """Return the encoding of a byte order mark, or UTF-16 if many bytes are zero."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return [encoding]
    zeros, pairs = sample.count(0), sample[: len(sample) // 2 * 2]
    if zeros * 100 < len(sample) * UTF16_ZERO_PERCENT:
        return []
    even, odd = pairs[::2].count(0), pairs[1::2].count(0)
    if min(even, odd) * 10 > max(even, odd):
        return []
    return ["utf-16-be" if even > odd else "utf-16-le"]


def _words_beyond_ascii(file: IO[bytes]) -> list[bytes]:
    """Return different words with bytes beyond ASCII, of the whole file."""
    file.seek(0)
    words: dict[bytes, None] = {}
    while (part := file.read(PART)) and len(words) < WORDS_MAX:
        words |= dict.fromkeys(word[:100] for word in _WORD.findall(part) if not word.isascii())
    return list(words)[:WORDS_MAX]


def _decoded(words: Iterable[bytes], encoding: str) -> list[str] | None:
    try:
        return [word.decode(encoding) for word in words]
    except UnicodeError:
        return None


def _by_headings(sample: bytes, encodings: Iterable[str], count_headings: CountHeadings) -> list[str]:
    """Return the encodings in which most headings are known words. Return [] if there are none in any."""
    counts = {encoding: count_headings(sample.decode(encoding, "replace")) for encoding in encodings}
    most = max(counts.values(), default=0)
    return [encoding for encoding, count in counts.items() if count == most and most]


def _by_words(words: list[bytes], encodings: list[str]) -> list[str]:
    """Return the encodings in which the words look like names."""
    texts = {encoding: _decoded(words, encoding) or [] for encoding in encodings}
    plausible = [e for e in encodings if sum(map(is_odd, texts[e])) * 100 <= len(words) * ODD_PERCENT]
    common = [encoding for encoding in plausible if encoding in COMMON]
    if common and any(not word.islower() for encoding in common for word in texts[encoding]):
        plausible = common
    languages = {encoding: count_languages(texts[encoding]) for encoding in plausible}
    ordered = sorted(plausible, key=languages.__getitem__)
    distinct = _distinct(words, ordered)
    if len(distinct) > 1 and languages[distinct[0]] == 1 and languages[distinct[1]] >= MANY_LANGUAGES:
        return distinct[:1]
    return sorted(plausible, key=encodings.index)


def _distinct(words: list[bytes], encodings: Iterable[str]) -> list[str]:
    """Return the encodings without those in which the words are the same as in one before."""
    texts = {tuple(_decoded(words, encoding) or ()): encoding for encoding in reversed(list(encodings))}
    return [encoding for encoding in encodings if encoding in texts.values()]


def _by_charset_normalizer(sample: bytes) -> list[str]:
    """Return the best guesses for languages outside Europe."""
    from charset_normalizer import from_bytes  # noqa: PLC0415  0.1 s, needed for few files

    matches = list(from_bytes(sample))
    best = min((match.chaos for match in matches), default=0)
    return [match.encoding for match in matches if match.chaos == best]
