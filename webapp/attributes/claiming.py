"""Whose the values of unique attributes are: a row each, of which the database lets nobody have the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from webapp.attributes.checking import Claim
from webapp.attributes.models import Attribute, AttributeKey
from webapp.attributes.queries import every_attribute, values_of
from webapp.attributes.values import field_of, value_key
from webapp.core.errors import Taken
from webapp.core.texts import _
from webapp.db.session import db

_UNSEEN = {"synchronize_session": False}


def claim_values(user_id: UUID, claims: Collection[Claim]) -> None:
    """Writes whose the values of unique attributes are. Raises Taken when one is somebody else's: the database knows.

    Belongs into the transaction that writes the values, which has locked the definitions.
    """
    for claim in claims:
        mine = (AttributeKey.attribute_id == claim.attribute_id) & (AttributeKey.user_id == user_id)
        db.session.execute(delete(AttributeKey).where(mine), execution_options={"synchronize_session": False})
        if claim.value_key is None:
            continue
        row = {"attribute_id": claim.attribute_id, "user_id": user_id, "value_key": claim.value_key}
        try:
            db.session.execute(insert(AttributeKey), row)
        except IntegrityError as error:
            message = _("Somebody else has this value of %(label)s.", label=claim.label)
            raise Taken(message, field=claim.field, code="taken") from error


def release_values(user_id: UUID) -> None:
    """Lets others have the values of somebody who goes to the bin, as their e-mail address and username."""
    db.session.execute(delete(AttributeKey).where(AttributeKey.user_id == user_id), execution_options=_UNSEEN)


def reclaim_values(user_id: UUID, values: Mapping[str, Any]) -> None:
    """Makes the values of whoever comes back theirs again. Raises Taken when one is somebody else's by now."""
    unique = [each for each in every_attribute(locked=True) if each.unique and each.key in values]
    keys = {attribute.key: value_key(attribute.kind, values[attribute.key]) for attribute in unique}
    claim_values(user_id, [Claim(each.id, field_of(each), each.label, keys[each.key]) for each in unique])


def taken_values(user_id: UUID, values: Mapping[str, Any]) -> list[Attribute]:
    """The unique attributes of which somebody else has the value by now."""
    unique = [attribute for attribute in every_attribute() if attribute.unique and attribute.key in values]
    query = select(AttributeKey.attribute_id, AttributeKey.value_key).where(
        AttributeKey.attribute_id.in_([attribute.id for attribute in unique]),
        AttributeKey.value_key.in_([value_key(attribute.kind, values[attribute.key]) for attribute in unique]),
        AttributeKey.user_id != user_id,
    )
    taken = {tuple(row) for row in db.session.execute(query)} if unique else set()
    return [each for each in unique if (each.id, value_key(each.kind, values[each.key])) in taken]


def rekey(attribute: Attribute) -> None:
    """Keys for everybody's values when they are to be unique, none when they are not."""
    db.session.execute(delete(AttributeKey).where(AttributeKey.attribute_id == attribute.id))
    if attribute.unique:
        rows = [
            {"attribute_id": attribute.id, "user_id": user_id, "value_key": value_key(attribute.kind, value)}
            for user_id, value in values_of(attribute.key)
        ]
        if rows:
            db.session.execute(insert(AttributeKey), rows)
