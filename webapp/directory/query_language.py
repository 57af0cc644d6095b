"""What people type to find somebody: words, "words as they stand", -not these, field:value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX
from webapp.core.text import folded, key, keys_of_part, without_idna
from webapp.core.texts import _

# Of more than these the rest is left out.
TERMS_MAX = 20
# What a field is called, in both languages.
FIELDS = {
    "id": ("id",),
    "name": ("name", "имя"),
    "email": ("email", "почта"),
    "username": ("username", "логин"),
    "former": ("former", "прежний"),
    "status": ("status", "статус"),
    "role": ("role", "роль"),
    "group": ("group", "группа"),
    "last_sign_in": ("last_sign_in", "вход"),
    "created": ("created", "создан"),
}
_NAMES = {name: field for field, names in FIELDS.items() for name in names}
_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[^\W\d][\w.]*):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')
# Or what stands in quotation marks, where no field is meant.
_BARE_FIELD = re.compile(r'"[^"]*"|-?(?P<field>[^\W\d][\w.]*):(?=\s|$)')
# Between two words, and no part of either.
_DASHES = re.compile("[-‐‑‒–—]+")


@dataclass(frozen=True)
class Term:
    """One thing looked for; `field` is a key of FIELDS, `attributes.<key>`, or empty. `exact`: as it stands only.

    `text` is folded where there is no field; `accented` is the same with its accents, if it was typed.
    """

    text: str
    field: str = ""
    negated: bool = False
    exact: bool = False
    accented: str = ""

    @property
    def keys(self) -> list[str]:
        """What the keys of usernames and addresses may hold of it, which keep their accents."""
        return keys_of_part(self.accented or self.text)


@dataclass(frozen=True)
class Sought:
    """What was typed, understood; `notes` say to people what of it was not."""

    terms: list[Term] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[Term]:
        """Those that are not about a certain field."""
        return [term for term in self.terms if not term.field]

    @property
    def marks(self) -> str:
        """What of a hit is worth marking."""
        texts = [term.text for term in self.terms if not term.negated and term.field in _MARKED]
        return " ".join(texts)


_MARKED = {"", "name", "email", "username", "former"}


def parsed(text: str, *, attributes: frozenset[str] = frozenset()) -> Sought:
    """`attributes` are the keys that can be looked for too. What makes no sense is looked for as words."""
    sought = Sought()
    if text.count('"') % 2:
        sought.notes.append(_("A quotation mark is missing: the words were looked for one by one."))
        text = text.replace('"', " ")
    for match in _BARE_FIELD.finditer(text):
        if match["field"]:
            sought.notes.append(_("“%(field)s:” wants a value right after the colon.", field=match["field"]))
    for match in _TERM.finditer(_BARE_FIELD.sub(lambda match: " " if match["field"] else match[0], text)):
        _add(sought, match, attributes)
    if len(sought.terms) > TERMS_MAX:
        sought.notes.append(_("Only the first %(max)s words were looked for.", max=TERMS_MAX))
        del sought.terms[TERMS_MAX:]
    return sought


def _add(sought: Sought, match: re.Match[str], attributes: frozenset[str]) -> None:
    value = without_idna(match["bare"] if match["quoted"] is None else match["quoted"])
    named, negated, quoted = match["field"] or "", bool(match["minus"]), match["quoted"] is not None
    if not value.strip():
        return
    known = _known(named, attributes)
    if known:
        sought.terms.append(Term(value.strip(), known, negated, quoted))
        return
    if named:
        note = _("There is no field “%(field)s”: it was looked for as a word.", field=named)
        sought.notes.append(note)
        value = f"{named}:{value}"
    words = [key(value)] if quoted else key(value).split()
    terms = (Term(folded(word), "", negated, quoted, word) for word in words)
    sought.terms.extend(term for term in terms if term.text.strip() and (quoted or not _DASHES.fullmatch(term.text)))


def _known(name: str, attributes: frozenset[str]) -> str:
    name = key(name).removeprefix(PARAMETER_PREFIX)
    if name in _NAMES:
        return _NAMES[name]
    return FIELD_PREFIX + name if name in attributes else ""
