"""The address of a list in one canonical spelling: equal searches have equal addresses."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from pydantic import ValidationError

from webapp.attributes.models import PARAMETER_PREFIX
from webapp.core.errors import Invalid
from webapp.core.text import clean_search
from webapp.core.texts import _
from webapp.directory.schemas import UserListQuery
from webapp.directory.views.models import ADDRESS_MAX

# The page of the list and its length are not part of a view.
_PAGING = {"after", "before", "at", "count", "limit"}
EVERYONE = "sort=name"


def canonical_address(parameters: Mapping[str, str]) -> str:
    """Return the parameters that belong to a view, sorted by name. `sort` is always among them."""
    known = UserListQuery.model_fields.keys() - _PAGING
    kept = {
        name: value.strip()
        for name, value in parameters.items()
        if value.strip() and (name in known or name.startswith(PARAMETER_PREFIX))
    }
    return urlencode(sorted({"sort": "name", **kept}.items()))


def parameters_of(address: str) -> dict[str, str]:
    """Return the parameters of the first ADDRESS_MAX characters."""
    return dict(parse_qsl(address[:ADDRESS_MAX]))


def query_of(address: str) -> UserListQuery:
    """Raise ValidationError if the list does not accept a parameter, or no longer does."""
    return UserListQuery.model_validate(parameters_of(address))


def validate_address(text: str) -> str:
    """Return the canonical address. Raise Invalid if the list would refuse it."""
    if len(text) > ADDRESS_MAX:
        raise Invalid(_("This list has too many filters to save"), field="address", code="length")
    parameters = {name: clean_search(value) for name, value in parameters_of(text).items()}
    try:
        address = canonical_address(parameters)
        query_of(address)
    except ValidationError:
        raise Invalid(_("This list cannot be saved. Open it again."), field="address", code="malformed") from None
    return address
