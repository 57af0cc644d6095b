"""Attributes for the viewer of the current request: the visible and editable ones, labels, formatted values.

The definitions are read at most once in a request.
"""

from __future__ import annotations

from contextlib import suppress
from typing import cast

from flask import g
from flask_login import current_user

from webapp.attributes.models import FIELD_PREFIX, Attribute, Kind
from webapp.attributes.queries import all_attributes, people_by_id
from webapp.attributes.visibility import can_edit_attribute, visible_attributes
from webapp.audit.labels import FieldLabels
from webapp.core.context import current_registry
from webapp.core.formats import format_iso_date, format_number
from webapp.core.permissions import Permission, Powers, Reach
from webapp.core.texts import _
from webapp.web.guards import Caller


def viewer_attributes(*, own: bool = False) -> list[Attribute]:
    """Return the live attributes that the viewer can see: of other people, or of themselves (`own`)."""
    live = [attribute for attribute in _attributes_by_key().values() if attribute.deleted_at is None]
    return visible_attributes(live, _viewer_powers(), own=own)


def editable_attributes(*, own: bool = False) -> list[Attribute]:
    """Return the live attributes that the viewer can edit: of other people, or of themselves (`own`)."""
    powers = _viewer_powers()
    return [attribute for attribute in viewer_attributes(own=own) if can_edit_attribute(attribute, powers, own=own)]


def field_labels() -> dict[str, str]:
    """Return the label of every field that the viewer can see in a change, by field name."""
    attributes = _attributes_by_key().values()
    labels = {each.field_name: each.label for each in attributes if can_see_change(each.field_name)}
    return current_registry().get(FieldLabels) | labels


def field_label(name: str) -> str | None:
    """Return the label of a field of a change, or None if no package registered it."""
    return current_registry().get(FieldLabels).get(name) or attribute_field_label(name)


def attribute_field_label(field: str) -> str | None:
    """Return the label of the field `attributes.<key>`, or None if the field is not an attribute."""
    attribute = _find(field)
    return attribute.label if attribute else None


def format_attribute_value(field: str, text: str) -> str:
    """Format a value from an audit record, a form or an address for reading.

    A text that is no value of the present kind stays as it is: the kind may have changed since the record.
    """
    with suppress(ValueError):
        return _format_value(_find(field), text)
    return text


def _format_value(attribute: Attribute | None, text: str) -> str:
    match attribute and attribute.kind:
        case Kind.YES_NO:
            return {"yes": _("Yes"), "no": _("No")}.get(text, text)
        case Kind.DATE:
            return format_iso_date(text)
        case Kind.NUMBER:
            return format_number(float(text))
        case Kind.PERSON:
            return _person_name(text)
    return attribute.label_of(text) if attribute else text


def can_see_change(field: str) -> bool:
    """Whether the viewer can see changes of this field. Only an attribute can be hidden.

    People who can read the whole audit trail can see the changes of every attribute.
    """
    attribute = _find(field)
    if attribute is None:
        return True
    powers = _viewer_powers()
    return Permission.AUDIT_READ in powers.everywhere or bool(visible_attributes([attribute], powers))


def _viewer_powers() -> Powers:
    """Return what the viewer may do: nothing before they are signed in."""
    return cast(Caller, current_user).powers if current_user.is_authenticated else Powers()


def _person_name(text: str) -> str:
    names = cast(dict[str, str], g.setdefault("attribute_people", {}))
    if text not in names:
        names[text] = text
        # After an error, a form shows the typed text, which need not be an ID.
        with suppress(ValueError):
            names |= {user_id: person.name for user_id, person in people_by_id([text], reach=_nameable()).items()}
    return names[text]


def _nameable() -> Reach:
    """The people in values that the viewer may know by name. The audit trail names everyone."""
    powers = _viewer_powers()
    return None if Permission.AUDIT_READ in powers.everywhere else powers.reach(Permission.USERS_READ)


def _find(field: str) -> Attribute | None:
    return _attributes_by_key().get(field.removeprefix(FIELD_PREFIX)) if field.startswith(FIELD_PREFIX) else None


def _attributes_by_key() -> dict[str, Attribute]:
    """Return all attributes. Deleted ones are included, because the audit trail still shows their changes."""
    if "attributes" not in g:
        g.attributes = {attribute.key: attribute for attribute in all_attributes()}
    return cast(dict[str, Attribute], g.attributes)
