"""Says the filters of an address in the search language, and the other way round."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX
from webapp.core.text import fold_text
from webapp.directory.fields import FIELDS, is_filter
from webapp.directory.filter_labels import values_of
from webapp.directory.old_parameters import OLD_PARAMETERS
from webapp.directory.query_language import Term, field_terms, is_value, parse_search
from webapp.directory.value_lists import quoted, split_values


def as_search(parameters: Mapping[str, str]) -> str:
    """Return the search that finds the same people as these parameters of the list."""
    terms = [parameters["q"]] if parameters.get("q") else []
    for name, text in parameters.items():
        if text and name in OLD_PARAMETERS:
            terms.append(OLD_PARAMETERS[name].format(text))
        elif text and is_filter(name):
            terms.append(f"{name}:{_as_value(name, text)}")
    return " ".join(terms)


def as_parameters(text: str, attributes: Collection[str], taken: Collection[str]) -> dict[str, str]:
    """Return the parameters that a search contains, with the rest of the search as `q`.

    A term stays in the search if it is negated, if the form has no such field, or if its parameter is taken. A search
    with problems stays whole.
    """
    if parse_search(text, attributes=frozenset(attributes)).messages:
        return {"q": text}
    found: dict[str, str] = {}
    rest = list[str]()
    for part, term in field_terms(text, frozenset(attributes)):
        name = _parameter_of(term) if term else ""
        value = _value_of(term) if term and name and name not in found and name not in taken else ""
        if value:
            found[name] = value
        else:
            rest.append(part)
    return found | ({"q": " ".join(rest)} if rest else {})


def _as_value(name: str, text: str) -> str:
    """Return the values in a form without spaces outside of quotation marks."""
    if is_value(text):
        return text
    values = values_of(name, text)
    if values == [text] and len(split_values(text)) > 1 and ", " not in text:
        # A text that may be one value or several.
        values += split_values(text)
    return ",".join(map(quoted, values))


def _parameter_of(term: Term) -> str:
    if term.negated:
        return ""
    if term.field.startswith(FIELD_PREFIX):
        return PARAMETER_PREFIX + term.field.removeprefix(FIELD_PREFIX)
    return term.field if is_filter(term.field) else ""


def _value_of(term: Term) -> str:
    """Return the text as a parameter has it: `active` for “активные”. Return "" if it is wrong."""
    if term.field == "ending":
        days = term.text.removesuffix("d")
        return days if days.isdigit() else ""
    words = FIELDS[term.field].words if term.field in FIELDS else {}
    if not words:
        return term.text
    values = [words.get(fold_text(value), "") for value in term.values]
    return ",".join(values) if all(values) else ""
