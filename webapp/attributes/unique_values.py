"""The rows of `attribute_keys`. Their unique constraint refuses a value that another person already has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from webapp.attributes.models import Attribute, AttributeKey
from webapp.attributes.queries import all_attributes, values_by_user
from webapp.attributes.validation import UniqueValue
from webapp.attributes.values import value_key
from webapp.core.errors import Taken
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import NO_SYNC, db


def save_unique_values(user_id: UUID, unique_values: Collection[UniqueValue]) -> None:
    """Replace the person's rows for these attributes. Raise Taken if another person has a value.

    Call this in the transaction that writes the values and has locked the definitions.
    """
    for unique_value in unique_values:
        is_old = (AttributeKey.attribute_id == unique_value.attribute_id) & (AttributeKey.user_id == user_id)
        db.session.execute(delete(AttributeKey).where(is_old), execution_options=NO_SYNC)
        if unique_value.value_key is None:
            continue
        row = {"attribute_id": unique_value.attribute_id, "user_id": user_id, "value_key": unique_value.value_key}
        with translate_constraints({"uq_attribute_keys_attribute_id_value_key": value_taken(unique_value)}):
            db.session.execute(insert(AttributeKey), row)


def value_taken(unique_value: UniqueValue) -> Taken:
    message = _("This value of %(label)s is already in use", label=unique_value.label)
    return Taken(message, field=unique_value.field, code="taken")


def holders_of(unique_values: Iterable[UniqueValue]) -> dict[tuple[UUID, str], UUID]:
    """Return the people who have these values, by (attribute ID, value key). One statement for each attribute."""
    keys: defaultdict[UUID, set[str]] = defaultdict(set)
    for each in unique_values:
        if each.value_key:
            keys[each.attribute_id].add(each.value_key)
    holders: dict[tuple[UUID, str], UUID] = {}
    for attribute_id, wanted in keys.items():
        query = select(AttributeKey.value_key, AttributeKey.user_id).where(
            AttributeKey.attribute_id == attribute_id, AttributeKey.value_key.in_(wanted)
        )
        holders |= {(attribute_id, row.value_key): row.user_id for row in db.session.execute(query)}
    return holders


def delete_unique_values(*user_ids: UUID) -> None:
    """Let other people take the values of people who are moved to the bin."""
    rows = delete(AttributeKey).where(AttributeKey.user_id.in_(user_ids))
    db.session.execute(rows, execution_options=NO_SYNC)


def restore_unique_values(user_id: UUID, values: Mapping[str, Any]) -> None:
    """Insert the rows of a person who leaves the bin. Raise Taken if another person has a value now."""
    unique = [attribute for attribute in all_attributes(locked=True) if attribute.unique and attribute.key in values]
    save_unique_values(
        user_id,
        [UniqueValue(each.id, each.field_name, each.label, value_key(each.kind, values[each.key])) for each in unique],
    )


def attributes_with_taken_values(user_id: UUID, values: Mapping[str, Any]) -> list[Attribute]:
    """Return the unique attributes for which another person has the same value."""
    unique = [attribute for attribute in all_attributes() if attribute.unique and attribute.key in values]
    keys = {attribute.id: value_key(attribute.kind, values[attribute.key]) for attribute in unique}
    query = select(AttributeKey.attribute_id, AttributeKey.value_key).where(
        AttributeKey.attribute_id.in_(list(keys)),
        AttributeKey.value_key.in_(list(keys.values())),
        AttributeKey.user_id != user_id,
    )
    taken = {tuple(row) for row in db.session.execute(query)} if unique else set()
    return [attribute for attribute in unique if (attribute.id, keys[attribute.id]) in taken]


def rebuild_unique_values(attribute: Attribute) -> None:
    """Write the rows of all people if the attribute is unique, else delete them."""
    db.session.execute(delete(AttributeKey).where(AttributeKey.attribute_id == attribute.id))
    if attribute.unique:
        rows = [
            {"attribute_id": attribute.id, "user_id": user_id, "value_key": value_key(attribute.kind, value)}
            for user_id, value in values_by_user(attribute.key)
        ]
        if rows:
            db.session.execute(insert(AttributeKey), rows)
