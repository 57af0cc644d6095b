"""Erasing people: their pseudonym, and hooks by which packages erase personal data that no foreign key refers to."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID


class ErasureHooks(list[Callable[[UUID], object]]):
    """Functions that are called with a person's ID in the transaction that erases the person."""


def pseudonym_of(person_id: UUID) -> str:
    """Return the name under which the past keeps an erased person."""
    return f"Deleted user {person_id.hex[-6:]}"
