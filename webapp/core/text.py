"""Text from people: what is refused, and the keys by which two spellings count as one.

Keys are computed here and stored, never in SQL: SQLite folds ASCII only and PostgreSQL by its locale.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from webapp.core.errors import Invalid
from webapp.core.texts import _

# Cc control, Cf format (bidi marks, zero width), Cs lone surrogates, Co private, Cn unassigned, Zl/Zp separators.
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Unicode's Default_Ignorable_Code_Point beyond those categories, and U+FFFD: bytes that were not UTF-8.
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\ufffd"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)
_LOOKALIKE_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
# Between two characters beyond Latin, Greek and Cyrillic, where they change what is read.
_JOINERS = "\u200c\u200d\ufe0f"
_JOINED = re.compile(f"(?<=[\u0590-\U0010ffff])[{_JOINERS}]+(?=[\u0590-\U0010ffff]|$)")
# The bytes of the longest text that any field takes: 2,000 characters.
TEXT_BYTES_MAX = 8192
# Combining marks in a row. Normalization takes quadratic time in them; Unicode's stream-safe text (UAX #15) allows 30.
MARKS_MAX = 10
_MARKS = "".join(filter(unicodedata.combining, map(chr, range(0x300, 0x1F000))))
_TOO_MANY_MARKS = re.compile(f"([{re.escape(_MARKS)}]{{{MARKS_MAX}}})[{re.escape(_MARKS)}]+")
_IDNA = re.compile(r"\bxn--([a-z0-9-]+)", re.ASCII | re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+")
# Spellings of one sound, in their order: Щукин, Shchukin, Schukin; Юлия, Yulia, Julia; Алексей, Alexey, Aleksei.
_SOUNDS = (
    ("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("ph", "f"), ("tz", "ts"), ("x", "ks"), ("w", "v"), ("y", "i"),
    ("j", "i"),
)  # fmt: skip
_CYRILLIC = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"),
    ("ju", "ю"), ("iu", "ю"), ("ya", "я"), ("ja", "я"), ("ia", "я"),
    ("yo", "е"), ("jo", "е"), ("ye", "е"), ("x", "кс"), ("ph", "ф"),
    *zip("abvwgdezijyklmnoprstufhcq", "абввгдезиииклмнопрстуфхкк", strict=True),
)  # fmt: skip
_LONG_I = re.compile("ii+")
_NO_LETTER = re.compile("[^a-z0-9]+")


def is_invisible(character: str) -> bool:
    return character in _UNSEEN or unicodedata.category(character) in _UNSEEN_CATEGORIES


def clean_text(text: str, *, field: str, joiners: bool = False) -> str:
    """`text` in NFC with single spaces. Raises Invalid when it holds what cannot be seen.

    `joiners`: allows U+200C and U+200D inside a word, which Persian, Indic scripts and emoji are written with.
    """
    text = text.strip(" \t\r\n")
    if is_too_long(text):
        raise Invalid(_("This text is too long"), field=field, code="too_long")
    if _TOO_MANY_MARKS.search(text):
        message = _("Use at most %(max)s accents on one letter", max=MARKS_MAX)
        raise Invalid(message, field=field, code="too_many_marks")
    if not text.isprintable() or not text.isascii():
        for character in _JOINED.sub("", text) if joiners else text:
            if is_invisible(character):
                message = _("Remove the hidden character U+%(code)s", code=f"{ord(character):04X}")
                raise Invalid(message, field=field, code="hidden_character")
    return unicodedata.normalize("NFC", " ".join(text.split()))


def is_too_long(text: str) -> bool:
    return len(text) > TEXT_BYTES_MAX or len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES_MAX


def _bounded(text: str) -> str:
    """The text with a length that normalization takes quickly. No stored text is longer."""
    return _TOO_MANY_MARKS.sub(r"\1", text[:TEXT_BYTES_MAX])


def caseless_key(text: str) -> str:
    """Two spellings of one identity give one key: NFKC, case folding, NFKC (Unicode 5.18, caseless matching)."""
    text = text.strip()
    if text.isascii():
        return text.lower()
    text = _bounded(text)
    for _round in range(2):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return text


def fold_text(text: str) -> str:
    """A key without accents, for sorting and finding: Ёлкин and Елкин, Seán and Sean are one."""
    text = caseless_key(text)
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    kept = (c for c in decomposed if not unicodedata.combining(c) and c not in _JOINERS)
    return unicodedata.normalize("NFC", "".join(kept))


def possible_keys(text: str) -> list[str]:
    """What the keys of usernames and addresses may hold of `text`: it as it stands, and its domain in IDNA."""
    whole = caseless_key(text)
    local, at, domain = whole.rpartition("@")
    labels = (each if each.isascii() else f"xn--{each.encode('punycode').decode()}" for each in domain.split("."))
    return list(dict.fromkeys([whole, f"{local}{at}{'.'.join(labels)}"]))


def decode_idna(text: str) -> str:
    """An address with its domain in letters: пример.рф of xn--e1afmkfd.xn--p1ai."""
    return _IDNA.sub(_in_letters, text)


def _in_letters(label: re.Match[str]) -> str:
    """Unless they are none that can be seen."""
    try:
        letters = label[1].encode().decode("punycode")
    except UnicodeError:
        return label[0]
    return label[0] if any(map(is_invisible, letters)) else letters


def split_words(text: str) -> list[str]:
    """The runs of letters and digits in `text`."""
    return _WORDS.findall(text)


@lru_cache(maxsize=20_000)
def phonetic_key(word: str) -> str:
    """How a folded word sounds, in Latin letters: one text for the common spellings of one name in either script."""
    word = _NO_LETTER.sub("", word if word.isascii() else anyascii(word).lower())
    for spelling, sound in _SOUNDS:
        if spelling in word:
            word = word.replace(spelling, sound)
    word = _LONG_I.sub("i", word)
    return word[1:] if word.startswith("ie") else word


@lru_cache(maxsize=1000)
def to_cyrillic(word: str) -> str:
    """How a folded Latin word is most often spelled in Cyrillic; empty for one of other letters."""
    if not (word.isascii() and word.isalpha()):
        return ""
    for spelling, letter in _CYRILLIC:
        word = word.replace(spelling, letter)
    return word


def mixes_scripts(text: str) -> bool:
    """Whether one word of `text` mixes alphabets that look alike (UTS #39): a Cyrillic а in a Latin word."""
    if text.isascii():
        return False
    return any(len({_script(c) for c in label} - {""}) > 1 for label in _WORDS.findall(text))


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((script for script in _LOOKALIKE_SCRIPTS if name.startswith(script)), "")
