"""The query language of the search box: words, "exact words", -negated words, field:value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX
from webapp.core.text import caseless_key, decode_idna, fold_text, possible_keys, without_acute
from webapp.core.texts import _

# The number of terms that a search can have. Further terms are ignored.
TERMS_MAX = 20
# Field → its names in both languages.
FIELDS = {
    "id": ("id",),
    "name": ("name", "имя"),
    "email": ("email", "почта"),
    "username": ("username", "логин"),
    "former": ("former", "прежний"),
    "status": ("status", "статус"),
    "invitation": ("invitation", "приглашение"),
    "second_factor": ("second_factor", "фактор"),
    "role": ("role", "роль"),
    "group": ("group", "группа"),
    "last_sign_in": ("last_sign_in", "вход"),
    "created": ("created", "создан"),
}
_NAMES = {name: field for field, names in FIELDS.items() for name in names}
_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[^\W\d][\w.]*):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')
# A field without a value, or a quoted text. Matching quoted texts skips colons inside them.
_BARE_FIELD = re.compile(r'"[^"]*"|-?(?P<field>[^\W\d][\w.]*):(?=\s|$)')
# Only dashes, as between two words.
_DASHES = re.compile("[-‐‑‒–—]+")


@dataclass(frozen=True)
class Term:
    """One term of a search. `field` is a key of FIELDS, `attributes.<key>`, or empty for a word.

    The text of a word is folded. `accented` is the same word with its accents. `exact`: match only this spelling.
    """

    text: str
    field: str = ""
    negated: bool = False
    exact: bool = False
    accented: str = ""

    @property
    def keys(self) -> list[str]:
        """The word in the format of username and address keys: with accents, the domain in Unicode and in IDNA."""
        return possible_keys(self.accented or self.text)


@dataclass(frozen=True)
class Search:
    """A parsed search.

    `problems` are messages about conditions that make no sense; nobody matches them. `notes` are messages about parts
    that are left out or read in another way.
    """

    terms: list[Term] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[str]:
        return [*self.problems, *self.notes]

    @property
    def words(self) -> list[Term]:
        """The terms without a field."""
        return [term for term in self.terms if not term.field]

    @property
    def marks(self) -> str:
        """The words to highlight in names, addresses and usernames."""
        return " ".join(term.text for term in self.terms if not term.negated and term.field in _MARKED)


_MARKED = {"", "name", "email", "username", "former"}


def parse_search(text: str, *, attributes: frozenset[str] = frozenset()) -> Search:
    """Parse a search. `attributes` are the keys that can be fields. A term with an unknown field becomes a word."""
    search = Search()
    if text.count('"') % 2:
        search.notes.append(_("A quotation mark is missing, so each word was searched for separately"))
        text = text.replace('"', " ")
    for match in _BARE_FIELD.finditer(text):
        if match["field"]:
            search.problems.append(_("Enter a value directly after “%(field)s:”", field=match["field"]))
    for match in _TERM.finditer(_BARE_FIELD.sub(lambda match: " " if match["field"] else match[0], text)):
        _add(search, match, attributes)
    if len(search.terms) > TERMS_MAX:
        search.problems.append(_("Search for at most %(max)s words", max=TERMS_MAX))
        del search.terms[TERMS_MAX:]
    return search


def _add(search: Search, match: re.Match[str], attributes: frozenset[str]) -> None:
    value = decode_idna(without_acute(match["bare"] if match["quoted"] is None else match["quoted"]))
    named, negated, quoted = match["field"] or "", bool(match["minus"]), match["quoted"] is not None
    if not value.strip():
        return
    if field := _find_field(named, attributes):
        search.terms.append(Term(value.strip(), field, negated, quoted))
        return
    if named:
        search.notes.append(_("There is no field “%(field)s”, so it was searched for as a word", field=named))
        value = f"{named}:{value}"
    for word in [caseless_key(value)] if quoted else caseless_key(value).split():
        term = Term(fold_text(word), "", negated, quoted, word)
        if any(map(str.isalnum, term.text)):
            search.terms.append(term)
        elif not _DASHES.fullmatch(word):
            search.notes.append(_("“%(word)s” has no letter and no digit: it was left out.", word=word))


def _find_field(name: str, attributes: frozenset[str]) -> str:
    """Return the field with this name, or "" if there is none."""
    name = caseless_key(name).removeprefix(PARAMETER_PREFIX)
    if name in _NAMES:
        return _NAMES[name]
    return FIELD_PREFIX + name if name in attributes else ""
