"""What a request may show and ask of attributes. Definitions are read once a request, and only where one is shown."""

from __future__ import annotations

from typing import cast

from flask import g
from flask_login import current_user

from webapp.attributes.checking import may_edit, visible
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import every_attribute, people_of
from webapp.audit.labels import FieldLabels
from webapp.core.context import current_registry
from webapp.core.formats import day_of, number
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.guards import Caller

PREFIX = "attributes."


def shown_attributes(*, own: bool = False) -> list[Attribute]:
    """Those that the person looking sees of others, or of themselves."""
    live = [attribute for attribute in _known().values() if attribute.deleted_at is None]
    return visible(live, cast(Caller, current_user).powers, own=own)


def asked_attributes(*, own: bool = False) -> list[Attribute]:
    """Those that the person looking may fill in."""
    powers = cast(Caller, current_user).powers
    return [attribute for attribute in shown_attributes(own=own) if may_edit(attribute, powers, own=own)]


def attribute_fields() -> dict[str, str]:
    """The fields of changes that are attributes, and what people call them: those that the person looking may read."""
    fields = {PREFIX + attribute.key: attribute.label for attribute in _known().values()}
    return {field: label for field, label in fields.items() if may_see_change(field)}


def attribute_label(field: str) -> str | None:
    """What people call the field `attributes.<key>` of a change; None for any other."""
    attribute = _of(field)
    return attribute.label if attribute else None


def field_label(name: str) -> str | None:
    """The label of a field of a change. None for a field that no package registered."""
    return current_registry().get(FieldLabels).get(name) or attribute_label(name)


def field_labels() -> dict[str, str]:
    """Field name → label of every field that the viewer may see in a change."""
    return current_registry().get(FieldLabels) | attribute_fields()


def attribute_told(field: str, text: str) -> str:
    """A value of a change as people say it."""
    attribute = _of(field)
    match attribute and attribute.kind:
        case Kind.YES_NO:
            return _("Yes") if text == "yes" else _("No")
        case Kind.DATE:
            return day_of(text)
        case Kind.NUMBER:
            return number(float(text))
        case Kind.PERSON:
            return _name_of(text)
    return attribute.label_of(text) if attribute else text


def may_see_change(field: str) -> bool:
    """Whether the person looking may read what was changed: hidden attributes are hidden in histories too.

    Whoever may read the whole trail may read that.
    """
    attribute = _of(field)
    powers = cast(Caller, current_user).powers
    return attribute is None or Permission.AUDIT_READ in powers.everywhere or bool(visible([attribute], powers))


def _name_of(user_id: str) -> str:
    names = cast(dict[str, str], g.setdefault("attribute_people", {}))
    if user_id not in names:
        found = people_of([user_id])
        names[user_id] = found[user_id].name if user_id in found else user_id
    return names[user_id]


def _of(field: str) -> Attribute | None:
    return _known().get(field.removeprefix(PREFIX)) if field.startswith(PREFIX) else None


def _known() -> dict[str, Attribute]:
    """By key, the deleted ones among them."""
    if "attributes" not in g:
        g.attributes = {attribute.key: attribute for attribute in every_attribute()}
    return cast(dict[str, Attribute], g.attributes)
