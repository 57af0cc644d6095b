"""Titles of audit records in lists of changes."""

from __future__ import annotations

from collections.abc import Sequence

from babel.lists import format_list

from webapp.attributes.display import attribute_field_label, field_label
from webapp.audit.actions import Action
from webapp.audit.labels import action_label
from webapp.core.texts import _, language, ngettext

NAMED_MAX = 3
# In a title, these labels need words around them that a table does not.
_IN_TITLES = {"starts_at": _("start of access"), "ends_at": _("end of access")}


def record_title(action: str, fields: Sequence[str]) -> str:
    """Return the title of a record. That of a changed user names `fields`, the changed ones that the viewer can see."""
    if action != Action.USER_UPDATED or not fields:
        return str(action_label(action))
    names = [_name_in_title(field) for field in fields]
    rest = len(names) - NAMED_MAX
    if rest > 0:
        shown = ", ".join(names[:NAMED_MAX])
        title = ngettext(
            "%(fields)s and %(count)s other field changed",
            "%(fields)s and %(count)s other fields changed",
            rest,
            fields=shown,
            count=rest,
        )
    else:
        title = _("%(fields)s changed", fields=format_list(names, locale=language()))
    return str(title) if attribute_field_label(fields[0]) else _capitalised(str(title))


def names_password(action: str, fields: Sequence[str]) -> bool:
    """Return whether the title says that the password was changed."""
    return action == Action.USER_UPDATED and "password" in fields[:NAMED_MAX]


def _name_in_title(field: str) -> str:
    """Return the label with a small first letter, unless it is that of an attribute or an abbreviation."""
    label = str(_IN_TITLES.get(field) or field_label(field) or field)
    is_word = label[1:2].islower() and attribute_field_label(field) is None
    return label[0].lower() + label[1:] if is_word else label


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
