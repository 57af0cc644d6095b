"""openapi.json tells programs what fits: each body has an example, and each value that they send has a limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app_without_database import APP

pytestmark = pytest.mark.one_engine

SPEC = APP.description
SCHEMAS = SPEC["components"]["schemas"]
# What limits a text beside its length.
LIMITS = {"maxLength", "enum", "const", "format"}


def references(schema: Any) -> Iterator[str]:
    """Return the names of the schemas that this one contains."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        schema = list(schema.values())
    for part in schema if isinstance(schema, list) else []:
        yield from references(part)


def bodies() -> set[str]:
    operations = [operation for item in SPEC["paths"].values() for operation in item.values()]
    return {name for operation in operations for name in references(operation.get("requestBody", {}))}


def sent() -> set[str]:
    """Return the names of the schemas of bodies and of their parts."""
    found: set[str] = set()
    waiting = list(bodies())
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(SCHEMAS[name])
    return found


def unlimited(place: str, schema: dict[str, Any], *, in_address: bool = False) -> Iterator[str]:
    """Return where a value of this schema has no limit. The length of an address limits the lists in it."""
    if "$ref" in schema:
        return
    for part in schema.get("anyOf", [schema]):
        match part.get("type"):
            case "string" if not LIMITS & part.keys():
                yield place
            case "integer" | "number" if "maximum" not in part:
                yield place
            case "array":
                if "maxItems" not in part and not in_address:
                    yield place
                yield from unlimited(f"{place}[]", part["items"])


def test_every_body_has_an_example() -> None:
    assert len(bodies()) > 20
    assert [name for name in sorted(bodies()) if not SCHEMAS[name].get("examples")] == []


def test_every_value_of_a_body_has_a_limit() -> None:
    fields = [(name, field, s) for name in sent() for field, s in SCHEMAS[name].get("properties", {}).items()]
    assert [each for name, field, schema in fields for each in unlimited(f"{name}.{field}", schema)] == []


def test_every_parameter_has_a_limit_and_a_description() -> None:
    missing = []
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], (method, path)
            for parameter in operation["parameters"]:
                if parameter["in"] != "header":
                    missing += unlimited(f"{method} {path} {parameter['name']}", parameter["schema"], in_address=True)
                if parameter["in"] == "query" and not parameter.get("description"):
                    missing.append(f"{method} {path} {parameter['name']} has no description")
    assert missing == []
