"""Suggests what each column means, by its heading and its first values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from webapp.attributes.models import FIELD_PREFIX, Attribute, Kind
from webapp.attributes.queries import import_headings
from webapp.core.errors import Invalid
from webapp.imports.files import values
from webapp.imports.files.dates import find_order, read_moment
from webapp.imports.files.headings import OWN_ID, find_target, heading_key, heading_keys, synonyms
from webapp.imports.files.mapping import IGNORE, Column, Mapping
from webapp.imports.files.tables import EMAIL

# Columns that identify people: an attribute cannot take them over.
_IDENTITY = frozenset({"email", "username", "name", "password"})
# Names of another system's groups and roles mean nothing here until someone decides it.
_ACCESS = frozenset({"roles", "groups"})
OWN = "rollcall"
# Returns whether there is a role or group (`roles`, `groups`) with this name.
IsKnown = Callable[[str, str], bool]
_NAME_AS_FAMILY = frozenset({"name", "nom", "nome", "naam"})
_PREFERRED = {"name": ("displayname", "fullname", "nameformatted", "cn"), "email": ("mail", "email", "emailsvalue")}


@dataclass(frozen=True)
class Seen:
    """A column: its heading and its first values."""

    heading: str
    texts: Sequence[str]


def suggest_mapping(
    columns: Sequence[Seen],
    attributes: Iterable[Attribute],
    system: str | None,
    container: str,
    is_known: IsKnown | None = None,
) -> Mapping:
    """Return the mapping. In files of known systems each field has one column, and others are fallbacks."""
    known = attribute_targets(attributes)
    kinds = {attribute.field_name: attribute.kind for attribute in attributes}
    suggested = [_suggest(column, known, kinds, system) for column in columns]
    if is_known is not None or _is_foreign(system):
        pairs = zip(suggested, columns, strict=True)
        suggested = [_without_unknown(column, seen, is_known or _nothing_is_known) for column, seen in pairs]
    suggested = _use_addresses(columns, _complete_names(suggested))
    is_table = container in {"csv", "tsv", "xlsx"} and system in {None, OWN}
    return Mapping(tuple(_distinct(suggested, ask=is_table)))


def attribute_targets(attributes: Iterable[Attribute]) -> dict[str, str]:
    """Return the key of a heading → `attributes.KEY`. Exact headings come before synonyms."""
    exact = {heading_key(word): FIELD_PREFIX + key for word, key in import_headings(attributes).items()}
    similar = {word: target for key, target in exact.items() for word in synonyms(key)}
    return similar | exact


def _suggest(column: Seen, known: dict[str, str], kinds: dict[str, str], system: str | None) -> Column:
    target = _target(column, known, system)
    kind = kinds.get(target, "")
    suggested = Column(column.heading, target if _fits(target, column.texts) else IGNORE)
    if kind == Kind.DATE or target in {"starts_at", "ends_at"}:
        return replace(suggested, dates=find_order(column.texts))
    if kind != Kind.NUMBER:
        return suggested
    return replace(suggested, numbers="point" if system == OWN else values.find_number_format(column.texts))


def _is_foreign(system: str | None) -> bool:
    return system not in {None, OWN}


def _nothing_is_known(_target: str, _name: str) -> bool:
    return False


def _without_unknown(column: Column, seen: Seen, is_known: IsKnown) -> Column:
    """Ignore a column of roles or groups that mostly do not exist here."""
    if column.target not in _ACCESS:
        return column
    names = {name for text in seen.texts for name in values.read_list(text)}
    exists = [is_known(column.target, name) for name in names]
    return column if 2 * sum(exists) >= len(exists) else replace(column, target=IGNORE)


def _target(column: Seen, known: dict[str, str], system: str | None) -> str:
    keys = heading_keys(column.heading)
    if column.heading.startswith(FIELD_PREFIX) and keys[0] in known:
        return known[keys[0]]
    if system == OWN and OWN_ID in keys:
        return "id"
    target = find_target(column.heading)
    attribute = next((known[key] for key in keys if key in known), None)
    if target in _IDENTITY or (target and not attribute):
        # A role of another system must not give access here because it has the same name.
        return IGNORE if target == "roles" and _is_foreign(system) else target
    return attribute or IGNORE


def _fits(target: str, texts: Sequence[str]) -> bool:
    """Return whether at least half of the values can be read as this field."""
    if target == "manager":
        return not texts or any("@" in text or "=" in text for text in texts)
    read = _READERS.get(target)
    return read is None or 2 * sum(_is_readable(read, text) for text in texts) >= len(texts)


_READERS: dict[str, Callable[[str], object]] = {
    "status": values.read_status,
    "enabled": values.read_flag,
    "disabled": values.read_flag,
    "starts_at": lambda text: read_moment(text, "dmy") if find_order([text]) != "mdy" else text,
    "ends_at": lambda text: read_moment(text, "dmy") if find_order([text]) != "mdy" else text,
}


def _is_readable(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except Invalid:
        return False
    return True


def _complete_names(columns: list[Column]) -> list[Column]:
    """A given name alone is the whole name. Beside it, “Name” is the family name in German and French files."""
    targets = {column.target for column in columns}
    if "given_name" not in targets or "family_name" in targets:
        return columns
    if "name" not in targets:
        return [replace(each, target="name") if each.target == "given_name" else each for each in columns]
    return [
        replace(column, target="family_name")
        if column.target == "name" and heading_key(column.heading) in _NAME_AS_FAMILY
        else column
        for column in columns
    ]


def _use_addresses(seen: Sequence[Seen], columns: list[Column]) -> list[Column]:
    """Names for signing in that are e-mail addresses, such as userPrincipalName, are used where there is no address.

    If no heading means an address, the first column of addresses is the one.
    """
    has_email = any(column.target == "email" for column in columns)
    columns = [
        replace(column, target="email", fallback=has_email)
        if column.target == "username" and _are_addresses(each)
        else column
        for column, each in zip(columns, seen, strict=True)
    ]
    if not any(column.target == "email" for column in columns):
        place = next((n for n, each in enumerate(seen) if columns[n].target == IGNORE and _are_addresses(each)), None)
        if place is not None:
            columns[place] = replace(columns[place], target="email")
    return columns


def _are_addresses(seen: Seen) -> bool:
    return bool(seen.texts) and all(EMAIL.fullmatch(text) for text in seen.texts)


def _distinct(columns: list[Column], *, ask: bool) -> list[Column]:
    """Make all columns of a field but the best one fallbacks. `ask`: only those with other words for an attribute."""
    best: dict[str, Column] = {}
    for column in sorted(columns, key=_preference):
        best.setdefault(column.target, column)
    return [
        replace(column, fallback=True)
        if column.target != IGNORE
        and column is not best[column.target]
        and (not ask or column.target.startswith(FIELD_PREFIX))
        else column
        for column in columns
    ]


def _preference(column: Column) -> tuple[bool, int]:
    words = _PREFERRED.get(column.target, ())
    places = [words.index(key) for key in heading_keys(column.heading) if key in words]
    return column.fallback, min(places, default=len(words))


def is_secret(column: Column) -> bool:
    return column.target in {"password", "password_hash"} or find_target(column.heading) in {
        "password",
        "password_hash",
    }
