"""Cleans text that people entered, and computes the keys by which it is compared, sorted and searched.

Keys are computed here and stored, never computed in SQL: SQLite folds only ASCII, and PostgreSQL depends on its locale.
"""

from __future__ import annotations

import re
import unicodedata

from webapp.core.errors import Invalid
from webapp.core.texts import _

# Cc control, Cf format (bidi marks, zero width), Cs lone surrogates, Co private, Cn unassigned, Zl/Zp separators.
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Unicode's Default_Ignorable_Code_Point that are not in these categories, and U+FFFD, which replaces invalid UTF-8.
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\ufffd"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)
_UNSEEN_PRINTABLE = re.compile(f"[{''.join(filter(str.isprintable, _UNSEEN))}]")
# Allowed between two characters that are not Latin, Greek or Cyrillic, where they change how the text is read.
_JOINERS = "\u200c\u200d\ufe0f"
_JOINED = re.compile(f"(?<=[\u0590-\U0010ffff])[{_JOINERS}]+(?=[\u0590-\U0010ffff]|$)")
# The bytes of the longest text that a field accepts: 2,000 characters.
TEXT_BYTES_MAX = 8192
# Combining marks in a row. Normalization takes quadratic time in their number. Stream-safe text (UAX #15) allows 30.
MARKS_MAX = 10
_MARKS = frozenset(filter(unicodedata.combining, map(chr, range(0x300, 0x1F000))))
_MARK = f"[{re.escape(''.join(sorted(_MARKS)))}]"
# This takes 0.2 µs a character. Look first whether there is a mark at all, which takes a tenth.
_TOO_MANY_MARKS = re.compile(f"({_MARK}{{{MARKS_MAX}}}){_MARK}+")
_FOLDED_AWAY = _MARKS | set(_JOINERS)
_IDNA = re.compile(r"\bxn--([a-z0-9-]+)", re.ASCII | re.IGNORECASE)
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_WORDS = re.compile(r"[^\W_]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
# Apostrophes, and marks that are typed instead of one: O’Brien, O'Brien, OʼBrien, Dʼalo, В'ячеслав.
_APOSTROPHES = dict.fromkeys(map(ord, "'`´‘’‛′ʹʻʼʽʾʿˈ՚׳ꞌ＇"))
# Letters without a decomposition in Unicode, which sort beside these.
_BASE_LETTERS = str.maketrans(dict(zip("łđðøħŧıŋ", "lddohtin", strict=True)) | {"þ": "th", "æ": "ae", "œ": "oe"})


def is_invisible(character: str) -> bool:
    return character in _UNSEEN or unicodedata.category(character) in _UNSEEN_CATEGORIES


def clean_text(text: str, *, field: str, joiners: bool = False) -> str:
    """Return the text in NFC with single spaces. Raise Invalid if it is too long or has invisible characters.

    `joiners`: allow U+200C and U+200D inside a word. Persian, Indic scripts and emoji need them.
    """
    text = text.strip(" \t\r\n")
    if is_too_long(text):
        raise Invalid(_("This text is too long"), field=field, code="too_long")
    _check_characters(text, field=field, joiners=joiners)
    return _compose(" ".join(text.split()))


def clean_paragraphs(text: str, *, field: str, max_length: int) -> str:
    """Return a text of several lines in NFC, without spaces at the ends of lines, and at most one empty line in a row.

    Raise Invalid if it is too long or has invisible characters.
    """
    lines = (line.replace("\t", "    ").rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    text = _EMPTY_LINES.sub("\n\n", "\n".join(lines).strip("\n"))
    if len(text) <= max_length:
        _check_characters(text.replace("\n", " "), field=field, joiners=True)
        text = _compose(text)
    if len(text) > max_length:
        raise Invalid(_("Use at most %(max)s characters", max=max_length), field=field, code="length")
    return text


def _check_characters(text: str, *, field: str, joiners: bool) -> None:
    if text.isprintable() and text.isascii():
        return
    if not _MARKS.isdisjoint(text) and _TOO_MANY_MARKS.search(text):
        message = _("Use at most %(max)s accents on one letter", max=MARKS_MAX)
        raise Invalid(message, field=field, code="too_many_marks")
    # No printable character is in _UNSEEN_CATEGORIES.
    if not text.isprintable() or _UNSEEN_PRINTABLE.search(text):
        for character in _JOINED.sub("", text) if joiners else text:
            if is_invisible(character):
                message = _("Remove the hidden character U+%(code)s", code=f"{ord(character):04X}")
                raise Invalid(message, field=field, code="hidden_character")


def _compose(text: str) -> str:
    """Return the text in NFC, but keep compatibility ideographs. NFC would replace them by another form of a name."""
    return "".join(
        part if _COMPATIBILITY_IDEOGRAPHS.fullmatch(part) else unicodedata.normalize("NFC", part)
        for part in _COMPATIBILITY_IDEOGRAPHS.split(text)
    )


def clean_search(text: str) -> str:
    """Return a text to search for, in NFC with single spaces and without invisible characters, which come with pasting.

    If nothing visible is left, return U+FFFD, which matches nothing: a search must not match everything by accident.
    """
    visible = "".join(c for c in " ".join(_bounded(text).split()) if not is_invisible(c))
    return _compose(" ".join(visible.split())) or ("\ufffd" if text.strip() else "")


def is_too_long(text: str) -> bool:
    return len(text) > TEXT_BYTES_MAX or len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES_MAX


def _bounded(text: str) -> str:
    """Shorten the text, so that normalization is fast. No stored text is longer."""
    text = text[:TEXT_BYTES_MAX]
    return text if _MARKS.isdisjoint(text) else _TOO_MANY_MARKS.sub(r"\1", text)


def caseless_key(text: str) -> str:
    """Return a key that is equal for spellings that differ in case or width (Unicode 5.18, caseless matching)."""
    text = text.strip()
    if text.isascii():
        return text.lower()
    text = _bounded(text)
    for _round in range(2):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return text


def fold_text(text: str) -> str:
    """Return a key without accents and apostrophes, for sorting and searching.

    Ёлкин equals Елкин, Seán equals Sean, O’Brien equals OBrien, Łukasz equals Lukasz.
    """
    text = caseless_key(text.translate(_APOSTROPHES)).translate(_APOSTROPHES)
    if text.isascii():
        return text
    letters = [each for each in unicodedata.normalize("NFD", text) if each not in _FOLDED_AWAY]
    return unicodedata.normalize("NFC", "".join(letters).translate(_BASE_LETTERS))


def without_acute(text: str) -> str:
    """Replace the acute accents that are typed as apostrophes. NFKC would replace them by a space and an accent."""
    return text.replace("´", "'")


def possible_keys(text: str) -> list[str]:
    """Return the forms that `text` can have in the keys of usernames and addresses: unchanged, and with IDNA domain."""
    whole = caseless_key(text)
    local, at, domain = whole.rpartition("@")
    labels = (each if each.isascii() else f"xn--{each.encode('punycode').decode()}" for each in domain.split("."))
    return list(dict.fromkeys([whole, f"{local}{at}{'.'.join(labels)}"]))


def decode_idna(text: str) -> str:
    """Return the text with Unicode domains: пример.рф instead of xn--e1afmkfd.xn--p1ai."""
    return _IDNA.sub(_decode_label, text)


def _decode_label(label: re.Match[str]) -> str:
    """Return the label unchanged if it is invalid or has invisible characters."""
    try:
        letters = label[1].encode().decode("punycode")
    except UnicodeError:
        return label[0]
    return label[0] if any(map(is_invisible, letters)) else letters


def split_words(text: str) -> list[str]:
    """Return the words of the text: runs of letters and digits."""
    return _WORDS.findall(text)
