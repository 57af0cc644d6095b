"""The query language of the search box: words, "exact words", -negated words, field:value, field:value,value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX
from webapp.core.text import caseless_key, decode_idna, fold_text, possible_keys, without_acute
from webapp.core.texts import _
from webapp.directory.fields import FIELDS, FieldKind
from webapp.directory.value_lists import is_quoted, split_values

# The number of terms that a search can have. Further terms are ignored.
TERMS_MAX = 20
# Name in either language → field.
_NAMES = {name: each.name for each in FIELDS.values() for name in (each.name, each.russian)}
_VALUE = r'(?:"(?:[^"]|"")*"|[^\s",]+)'
# The values of a field can be quoted one by one.
_TERM = re.compile(
    r"(?P<minus>-?)(?:(?P<field>[^\W\d][\w.]*):)?"
    rf'(?:(?(field)(?P<values>{_VALUE}(?:,+{_VALUE})*,*)|(?!))|"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))'
)
_VALUES = re.compile(rf"{_VALUE}(?:,+{_VALUE})*,*")
# A field without a value, or a quoted text. Matching quoted texts skips colons inside them.
_BARE_FIELD = re.compile(r'"[^"]*"|-?(?P<field>[^\W\d][\w.]*):(?=\s|$)')
# Only dashes, as between two words.
_DASHES = re.compile("[-‐‑‒–—]+")


@dataclass(frozen=True)
class Term:
    """One term of a search. `field` is a key of FIELDS, `attributes.<key>`, or empty for a word.

    The text of a word is folded. `accented` is the same word with its accents. `exact`: match only this spelling. The
    text of a field can have several values.
    """

    text: str
    field: str = ""
    negated: bool = False
    exact: bool = False
    accented: str = ""

    @property
    def values(self) -> list[str]:
        return split_values(self.text) if self.field else [self.text]

    @property
    def keys(self) -> list[str]:
        """The word in the format of username and address keys: with accents, the domain in Unicode and in IDNA."""
        return possible_keys(self.accented or self.text)


@dataclass(frozen=True)
class Search:
    """A parsed search.

    `problems` are messages about conditions that make no sense; no one matches them. `notes` are messages about parts
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
        marked = (term.values for term in self.terms if not term.negated and term.field in _MARKED)
        return " ".join(value for values in marked for value in values)


_MARKED = {"", *(name for name, each in FIELDS.items() if each.kind is FieldKind.TEXT)}


def parse_search(text: str, *, attributes: frozenset[str] = frozenset()) -> Search:
    """Parse a search. `attributes` are the keys that can be fields. A term with an unknown field becomes a word."""
    search = Search()
    if text.count('"') % 2:
        search.notes.append(_("A quotation mark is missing, so each word was searched for separately"))
        text = text.replace('"', " ")
    for match in _BARE_FIELD.finditer(text):
        if match["field"]:
            search.problems.append(_value_missing(match["field"]))
    for match in _TERM.finditer(_BARE_FIELD.sub(lambda match: " " if match["field"] else match[0], text)):
        _add(search, match, attributes)
    if len(search.terms) > TERMS_MAX:
        search.problems.append(_("Search for at most %(max)s words", max=TERMS_MAX))
        del search.terms[TERMS_MAX:]
    return search


def is_value(text: str) -> bool:
    """Return whether the text can follow the colon of a field."""
    return bool(_VALUES.fullmatch(text))


def field_terms(text: str, attributes: frozenset[str]) -> Iterator[tuple[str, Term | None]]:
    """Yield each part of a search, and its term if it has a field."""
    for match in _TERM.finditer(text):
        field, values = _find_field(match["field"] or "", attributes), match["values"] or match["bare"]
        yield match[0], Term(_clean(values), field, bool(match["minus"])) if field and values else None


def _add(search: Search, match: re.Match[str], attributes: frozenset[str]) -> None:
    named, negated = match["field"] or "", bool(match["minus"])
    field, values = _find_field(named, attributes), match["values"] or match["bare"]
    if field:
        if split_values(values):
            search.terms.append(Term(_clean(values), field, negated))
        else:
            search.problems.append(_value_missing(named))
        return
    value, quoted = _word_of(match)
    if not value.strip():
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


def _clean(text: str) -> str:
    return decode_idna(without_acute(text))


def _value_missing(name: str) -> str:
    return _("Enter a value directly after “%(field)s:”", field=name)


def _word_of(match: re.Match[str]) -> tuple[str, bool]:
    """Return the text of a term without a known field, and whether it is quoted."""
    text, quoted = match["values"] or match["bare"] or "", match["quoted"]
    if quoted is None and is_quoted(text):
        quoted = " ".join(split_values(text))
    return _clean(text if quoted is None else quoted), quoted is not None


def _find_field(name: str, attributes: frozenset[str]) -> str:
    """Return the field with this name, or "" if there is none."""
    key = caseless_key(name)
    name = key.removeprefix(PARAMETER_PREFIX)
    # A prefix names an attribute, also if a field has its name.
    if name in _NAMES and not (name != key and name in attributes):
        return _NAMES[name]
    return FIELD_PREFIX + name if name in attributes else ""
