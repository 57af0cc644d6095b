"""The address of a list: one spelling for all that ask for the same."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from pydantic import ValidationError

from webapp.attributes.models import PARAMETER_PREFIX
from webapp.core.errors import Invalid
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.directory.schemas import UserListQuery
from webapp.directory.views.models import ADDRESS_MAX

# How far somebody has turned the pages, and how many rows they like on one, is no part of what they look at.
_PASSING = {"after", "before", "at", "count", "limit"}
EVERYONE = "sort=name"


def canonical(parameters: Mapping[str, str]) -> str:
    """The parameters that make a view, sorted; never empty, as the sort is always told."""
    known = UserListQuery.model_fields.keys() - _PASSING
    kept = {
        name: value.strip()
        for name, value in parameters.items()
        if value.strip() and (name in known or name.startswith(PARAMETER_PREFIX))
    }
    return urlencode(sorted({"sort": "name", **kept}.items()))


def parameters_of(address: str) -> dict[str, str]:
    """Of an address that is too long to be kept, what fits."""
    return dict(parse_qsl(address[:ADDRESS_MAX]))


def query_of(address: str) -> UserListQuery:
    """Raises ValidationError for what the list does not take, or does not take any more."""
    return UserListQuery.model_validate(parameters_of(address))


def checked_address(text: str) -> str:
    """Raises Invalid for an address that the list would refuse."""
    if len(text) > ADDRESS_MAX:
        raise Invalid(_("This list has too many filters to save"), field="address", code="length")
    try:
        address = canonical({name: clean_text(value, field="address") for name, value in parameters_of(text).items()})
        query_of(address)
    except ValidationError:
        raise Invalid(_("This list cannot be saved. Open it again."), field="address", code="malformed") from None
    return address
