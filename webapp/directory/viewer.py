"""The person or program that looks at the list of users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from webapp.attributes.models import Attribute
from webapp.core.permissions import Reach

# How a term and a change name an attribute: attributes.<key>.


@dataclass(frozen=True)
class Viewer:
    """`reach` are the groups whose members the viewer may see, None for everyone.

    `read_attributes` returns the attributes that the viewer may see of others. It is called at most once, and only if
    a query may name one.
    """

    reach: Reach = None
    read_attributes: Callable[[], Sequence[Attribute]] = tuple

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """By key."""
        return {attribute.key: attribute for attribute in self.read_attributes()}
