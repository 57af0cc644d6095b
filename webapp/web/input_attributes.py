"""HTML attributes of the inputs that the macro `field` in components/form.html prints."""

from __future__ import annotations

from typing import Any

TEXTAREA_ROWS = 3


def input_attributes(field: Any, *, has_help: bool, has_meter: bool, **attributes: Any) -> dict[str, Any]:
    """Return the attributes of the input of a WTForms field. `attributes` that are empty are left out.

    `has_help` and `has_meter`: the page has elements that describe the input, with IDs like `<field id>-help`.
    """
    described_by = [
        f"{field.id}-{part}"
        for part, exists in (("help", has_help), ("error", field.errors), ("meter", has_meter))
        if exists
    ]
    found = {
        "class": "input",
        **attributes,
        "aria-describedby": " ".join(described_by) or None,
        "aria-invalid": "true" if field.errors else None,
        # False removes the limits that WTForms adds for validators: browsers cut a pasted text without a message.
        "minlength": False,
        "maxlength": False,
        "rows": TEXTAREA_ROWS if field.type == "TextAreaField" else None,
    }
    # An `if` without `else` in a template gives jinja2.Undefined, which is falsy but not None.
    return {name: value for name, value in found.items() if value or value is False}
