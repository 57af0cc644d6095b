"""Splits a full name into given name and family name, and joins them."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.imports.files.mapping import FAMILY_FIRST

# They belong to the family name that follows: Ludwig van Beethoven.
_PARTICLES = frozenset(
    word
    for line in ("van von der den de del della di da dos du la le ten ter zu af av bin ibn al el", "фон де ван дер")
    for word in line.split()
)


def split_name(name: str, order: str) -> tuple[str, str]:
    """Return given names and family name. A comma separates the family name in any order: Lund, Nora."""
    family, comma, given = name.partition(",")
    if comma:
        return given.strip(), family.strip()
    words = name.split()
    if order == FAMILY_FIRST:
        end = next((n for n, word in enumerate(words) if word.casefold() not in _PARTICLES), 0) + 1
        return " ".join(words[end:]), " ".join(words[:end])
    start = max(len(words) - 1, 0)
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def join_name(parts: Mapping[str, str | None], order: str) -> str:
    """Return the name of `given_name`, `middle_name` and `family_name`."""
    names = ["given_name", "middle_name", "family_name"]
    if order == FAMILY_FIRST:
        names = ["family_name", "given_name", "middle_name"]
    return " ".join(part for name in names if (part := parts.get(name)))
