"""What still needs records of the audit trail, so that they are not archived yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Hold:
    """Records from the time `since` on are needed, and those after `positions`: the last number that is not, by shard.

    `reason` is a sentence.
    """

    reason: str
    since: datetime | None = None
    positions: Sequence[int] | None = None


class Holds(list[Callable[[], Iterable[Hold]]]):
    """Functions that return what needs records now. Packages register them."""
