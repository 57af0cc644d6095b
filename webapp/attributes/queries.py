"""Named reads of attributes, and of how people's values stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from webapp.attributes.models import ATTRIBUTES_MAX, INDEX_JOB, PEOPLE, Attribute, Kind
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.models import Job

IN_THE_BIN = "deleted"

# Id as it stands in a value → name and e-mail.
People = Mapping[str, Any]


# Made once: whoever makes or changes somebody asks for them twice.
_EVERY = select(Attribute).order_by(Attribute.position, Attribute.id)
_LIVE = _EVERY.where(Attribute.deleted_at.is_(None))


def _locked(query: Select[Attribute]) -> Select[Attribute]:
    """Values are checked by what stands here: whoever changes it waits, while others who check do not."""
    return query.with_for_update(read=True).execution_options(populate_existing=True)


_EVERY_LOCKED, _LIVE_LOCKED = _locked(_EVERY), _locked(_LIVE)


def live_attributes(*, locked: bool = False) -> list[Attribute]:
    """Those that are not deleted, in their order; with `locked`, as they stay until the end of this transaction."""
    return list(db.session.scalars(_LIVE_LOCKED if locked else _LIVE))


def every_attribute(*, locked: bool = False) -> list[Attribute]:
    """In their order, deleted ones among them."""
    return list(db.session.scalars(_EVERY_LOCKED if locked else _EVERY))


def headings_of(attributes: Iterable[Attribute]) -> dict[str, str]:
    """What a column of a file may be called → the key of the attribute that it means."""
    return {
        name: attribute.key
        for attribute in attributes
        for name in (attribute.label_ru, attribute.label_en, attribute.key, f"attributes.{attribute.key}")
    }


def deleted_attributes() -> list[Attribute]:
    """The latest first."""
    query = select(Attribute).where(Attribute.deleted_at.is_not(None)).order_by(Attribute.deleted_at.desc())
    return list(db.session.scalars(query))


def get_attribute(attribute_id: UUID) -> Attribute:
    """Raises NotFound, also for a deleted one."""
    attribute = db.session.get(Attribute, attribute_id)
    if attribute is None or attribute.deleted_at:
        raise NotFound(_("There is no such attribute. Somebody may have deleted it."))
    return attribute


def index_jobs() -> dict[UUID, Job]:
    """The newest job about the index of each attribute, for those that had one lately."""
    newest = select(Job.id).where(Job.kind == INDEX_JOB).order_by(Job.id.desc()).limit(2 * ATTRIBUTES_MAX)
    query = select(Job).where(Job.id.in_(newest)).order_by(Job.id)
    return {UUID(job.arguments["attribute"]): job for job in db.session.scalars(query)}


def people_in(attributes: Iterable[Attribute], values: Mapping[str, Any]) -> People:
    """Whoever these values name; nothing is asked when they name nobody."""
    keys = {attribute.key for attribute in attributes if attribute.kind == Kind.PERSON}
    return people_of([values[name] for name in keys & values.keys()])


def people_named(attributes: Iterable[Attribute], rows: Collection[Mapping[str, Any]]) -> People:
    """Whoever is named by the values of several people."""
    keys = {attribute.key for attribute in attributes if attribute.kind == Kind.PERSON}
    return people_of({values[name] for values in rows for name in keys & values.keys()})


def people_of(ids: Collection[str]) -> People:
    if not ids:
        return {}
    query = select(PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.email).where(PEOPLE.c.id.in_(map(UUID, ids)))
    return {str(row.id): row for row in db.session.execute(query)}


def people_with(key: str) -> int:
    """How many have a value, those in the bin among them."""
    return _count(select(PEOPLE.c.id).where(_text(key).is_not(None)))


def people_without(key: str) -> int:
    """How many have no value, but for those in the bin."""
    return _count(select(PEOPLE.c.id).where(_text(key).is_(None), PEOPLE.c.status != IN_THE_BIN))


def people_by_value(key: str) -> Counter[str]:
    """How many people have which value: for one that has few."""
    query = select(_text(key), func.count()).where(_text(key).is_not(None)).group_by(_text(key))
    return Counter({row[0]: row[1] for row in db.session.execute(query)})


def values_of(key: str) -> Iterable[tuple[UUID, Any]]:
    """Everybody’s values in the order in which they were added, but for those in the bin, whose are free."""
    query = select(PEOPLE.c.id, PEOPLE.c.attributes[key])
    query = query.where(_text(key).is_not(None), PEOPLE.c.status != IN_THE_BIN).order_by(PEOPLE.c.id)
    return ((row[0], row[1]) for row in db.session.execute(query))


def _text(key: str) -> Any:
    return PEOPLE.c.attributes[key].as_string()


def _count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
