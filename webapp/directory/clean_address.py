"""The address of the list in the form that people share: without empty parameters, with several values in one.

A form sends each of its fields, so the list answers such an address with a redirect. No script has to run before a
person sends the form.
"""

from __future__ import annotations

from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from webapp.core.periods import RANGE
from webapp.directory.fields import has_several
from webapp.directory.value_lists import is_quoted, join_values, split_values

# The name of a hidden field of the form.
FORM = "form"
# The value that chooses the fields `<name>.from` and `<name>.to` of the form.
CUSTOM = "custom"
_LOW, _HIGH = ".from", ".to"


def clean_query(parameters: MultiDict[str, str]) -> str | None:
    """Return the query string to redirect to. Return None if no form sent it and each filter is there once."""
    names = dict.fromkeys(_parameter_of(field) for field in parameters if field != FORM)
    clean = [(name, text) for name in names if (text := _value_of(name, parameters))]
    given = [(name, text) for name, text in parameters.items(multi=True) if text]
    return None if clean == given else urlencode(clean)


def _parameter_of(field: str) -> str:
    """Return the parameter of a field of the form: `created.from` belongs to `created`."""
    name = field.removesuffix(_LOW).removesuffix(_HIGH)
    return name if has_several(name) else field


def _value_of(name: str, parameters: MultiDict[str, str]) -> str:
    values = parameters.getlist(name)
    if not has_several(name):
        return values[0]
    chosen = [value for value in values if value not in ("", CUSTOM)]
    low, high = (parameters.get(name + end, "").strip() for end in (_LOW, _HIGH))
    if CUSTOM in values or (name not in parameters and (low or high)):
        # A range without an end is not understood: it must not mean everyone.
        chosen.append(f"{low}{RANGE}{high}")
    if len(chosen) < 2:
        return "".join(chosen)
    return join_values(dict.fromkeys(each for value in chosen for each in _parts(value)))


def _parts(text: str) -> list[str]:
    return split_values(text) if is_quoted(text) else [text]
