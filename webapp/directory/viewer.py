"""The person or program that looks at the list of users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from webapp.attributes.models import Attribute
from webapp.core.permissions import Reach


@dataclass(frozen=True)
class Viewer:
    """Who the list is for. `reach` has the groups whose members the viewer can see, or is None for everyone.

    `read_attributes` returns the attributes that the viewer can see. It is called at most once, and only if a query can
    contain an attribute.
    """

    reach: Reach = None
    read_attributes: Callable[[], Sequence[Attribute]] = tuple

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """Key → attribute."""
        return {attribute.key: attribute for attribute in self.read_attributes()}
