"""Named reads of attributes and of people's values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from webapp.access.group_tree import member_ids_in
from webapp.attributes.models import ATTRIBUTES_MAX, INDEX_JOB, USERS, Attribute, Kind
from webapp.core.errors import NotFound
from webapp.core.permissions import Reach
from webapp.core.statuses import Status
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.models import Job

# A person's id, in the format of a value → a row with `name` and `email`.
PeopleById = Mapping[str, Any]

_ALL = select(Attribute).order_by(Attribute.position, Attribute.id)
_LIVE = _ALL.where(Attribute.deleted_at.is_(None))


def _locked(query: Select[Attribute]) -> Select[Attribute]:
    """Lock FOR SHARE: several transactions can validate values at once, and a change of a definition waits for them."""
    return query.with_for_update(read=True).execution_options(populate_existing=True)


_ALL_LOCKED, _LIVE_LOCKED = _locked(_ALL), _locked(_LIVE)


def live_attributes(*, locked: bool = False) -> list[Attribute]:
    """Return the attributes that are not deleted, by position. `locked`: lock them until the transaction ends."""
    return list(db.session.scalars(_LIVE_LOCKED if locked else _LIVE))


def all_attributes(*, locked: bool = False) -> list[Attribute]:
    """Return all attributes, including deleted ones, by position. `locked`: lock them until the transaction ends."""
    return list(db.session.scalars(_ALL_LOCKED if locked else _ALL))


def deleted_attributes() -> list[Attribute]:
    """Return the deleted attributes, the newest deletion first."""
    query = select(Attribute).where(Attribute.deleted_at.is_not(None)).order_by(Attribute.deleted_at.desc())
    return list(db.session.scalars(query))


def get_attribute(attribute_id: UUID) -> Attribute:
    """Raise NotFound if there is none, or if it is deleted."""
    attribute = db.session.get(Attribute, attribute_id)
    if attribute is None or attribute.deleted_at:
        raise NotFound(_("This attribute does not exist. It may have been deleted."))
    return attribute


def key_exists(key: str) -> bool:
    """Return whether an attribute has this key, also a deleted one."""
    return db.session.scalar(select(Attribute.id).where(Attribute.key == key)) is not None


def import_headings(attributes: Iterable[Attribute]) -> dict[str, str]:
    """Return heading → attribute key, with every heading that a column of a file can have."""
    return {
        heading: attribute.key
        for attribute in attributes
        for heading in (attribute.label_ru, attribute.label_en, attribute.key, attribute.field_name)
        if heading
    }


def index_jobs() -> dict[UUID, Job]:
    """Return the newest index job of each attribute, by the attribute's id. Old jobs may be missing."""
    newest = select(Job.id).where(Job.kind == INDEX_JOB).order_by(Job.id.desc()).limit(2 * ATTRIBUTES_MAX)
    query = select(Job).where(Job.id.in_(newest)).order_by(Job.id)
    return {UUID(job.arguments["attribute"]): job for job in db.session.scalars(query)}


def referenced_people(attributes: Iterable[Attribute], *rows: Mapping[str, Any], reach: Reach = None) -> PeopleById:
    """Return the people within `reach` that the values in `rows` refer to. Each row holds the values of one person."""
    keys = {attribute.key for attribute in attributes if attribute.kind == Kind.PERSON}
    return people_by_id({values[key] for values in rows for key in keys & values.keys()}, reach=reach)


def people_by_id(ids: Collection[str], *, reach: Reach = None) -> PeopleById:
    """Return the people within `reach` with these ids. Raise ValueError if a text is not an id."""
    if not ids:
        return {}
    query = select(USERS.c.id, USERS.c.name, USERS.c.email).where(USERS.c.id.in_(map(UUID, ids)))
    if reach is not None:
        query = query.where(USERS.c.id.in_(member_ids_in(reach)))
    return {str(row.id): row for row in db.session.execute(query)}


def count_people_with_value(key: str) -> int:
    """Includes people in the bin."""
    return _count(select(USERS.c.id).where(_value_as_text(key).is_not(None)))


def count_people_without_value(key: str) -> int:
    """Excludes people in the bin."""
    return _count(select(USERS.c.id).where(_value_as_text(key).is_(None), USERS.c.status != Status.DELETED))


def count_people_by_value(key: str) -> Counter[str]:
    """Use this for an attribute with few different values."""
    value = _value_as_text(key)
    query = select(value, func.count()).where(value.is_not(None)).group_by(value)
    return Counter({row[0]: row[1] for row in db.session.execute(query)})


def values_by_user(key: str) -> Iterable[tuple[UUID, Any]]:
    """Return (user ID, value) of each person who has a value, the person created first at the front.

    Excludes people in the bin, whose values other people can take.
    """
    query = select(USERS.c.id, USERS.c.attributes[key])
    query = query.where(_value_as_text(key).is_not(None), USERS.c.status != Status.DELETED).order_by(USERS.c.id)
    return ((row[0], row[1]) for row in db.session.execute(query))


def _value_as_text(key: str) -> Any:
    return USERS.c.attributes[key].as_string()


def _count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
