"""Data about a person that no foreign key finds: packages register how they erase it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID


class ErasureHooks(list[Callable[[UUID], object]]):
    """Called with a person's id, inside the transaction that erases the person for good."""
