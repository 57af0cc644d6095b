"""Finds what the rows of a chunk name, in few statements for all of them: people, roles, groups, managers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.access.checks import powers_of_actor
from webapp.access.group_tree import member_ids_in
from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.access.summaries import AccessSummary, access_summaries
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import live_attributes
from webapp.attributes.unique_values import holders_of
from webapp.attributes.validation import UniqueValue
from webapp.attributes.values import TextInput, validate_value, value_key
from webapp.attributes.visibility import visible_attributes
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Actor, Permission, Powers, Reach
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.db.session import db
from webapp.imports.models import EMAIL, ID, USERNAME, Import, ImportKey, attribute_of_key
from webapp.imports.rows import PersonRow
from webapp.users.creating_many import PeopleFinder
from webapp.users.identity import parse_email, parse_username
from webapp.users.models import User
from webapp.users.queries import parse_uuid

# The attribute that has a person's manager, if it is of the kind PERSON.
MANAGER = "manager"
SCOPE_SEPARATOR = " · "


def key_hash(*parts: object) -> int:
    """Return 64 bits of a hash. In a million rows, two different keys have the same with a chance of 1 in 10^7."""
    digest = sha256("\n".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


class KeyReader:
    """Reads the key by which rows are matched. `attribute`: the unique attribute, if the key is one."""

    def __init__(self, key_field: str, attributes: Sequence[Attribute]) -> None:
        self.field = key_field
        key = attribute_of_key(key_field)
        self.attribute = next((each for each in attributes if each.key == key and each.unique), None)
        if key and self.attribute is None:
            raise Invalid(_("The attribute by which rows are matched must exist and be unique"), field="key")

    def text(self, row: PersonRow) -> str:
        """Return the key as it stands in the row, "" if there is none."""
        if self.attribute:
            return (row.attributes.get(self.attribute.key) or "").strip()
        texts = {EMAIL: row.email, USERNAME: row.username, ID: row.id}
        return (texts[self.field] or "").strip()

    def parse(self, row: PersonRow) -> str:
        """Return the key in the form in which the database has it. Raise Invalid if it is missing or malformed."""
        text = self.text(row)
        if not text:
            raise Invalid(_("The row has no value in the key column"), field=self.field, code="missing")
        if self.attribute:
            return value_key(self.attribute.kind, validate_value(self.attribute, TextInput(text), _no_one))
        if self.field == EMAIL:
            return parse_email(text)[1]
        if self.field == USERNAME:
            return parse_username(text)[1]
        user_id = parse_uuid(text)
        if user_id is None:
            raise Invalid(_("This is not an ID"), field=ID, code="malformed")
        return str(user_id)

    def find(self, keys: Collection[str], *, reach: Reach) -> dict[str, User]:
        """Return the people within `reach` who have these keys. Of deleted people, only those found by ID."""
        if not keys:
            return {}
        if self.attribute:
            unique = [UniqueValue(self.attribute.id, "", "", key) for key in keys]
            holders = {user_id: key for (_attribute, key), user_id in holders_of(unique).items()}
            return {holders[user.id]: user for user in _users(reach, User.id.in_(holders))}
        if self.field == ID:
            return {str(user.id): user for user in _users(reach, User.id.in_([UUID(key) for key in keys]))}
        column = getattr(User, f"{self.field}_key")
        found = _users(reach, column.in_(keys), User.deleted_at.is_(None))
        return {getattr(user, f"{self.field}_key"): user for user in found}


def _users(reach: Reach, *conditions: Any) -> Iterable[User]:
    if reach is not None:
        conditions = (*conditions, User.id.in_(member_ids_in(reach)))
    return db.session.scalars(select(User).where(*conditions).execution_options(populate_existing=True))


def _no_one(_name: str) -> UUID:
    raise NotFound(_("This user does not exist"))


@dataclass(frozen=True)
class RoleAt:
    """A role, and the group within which it counts."""

    role: Role
    scope: Group | None

    @property
    def ids(self) -> tuple[UUID, UUID | None]:
        return self.role.id, self.scope.id if self.scope else None


@dataclass
class Lookups:
    """What the rows of one chunk name. `powers`: those of the requester. Roles and groups are looked up once."""

    by: Actor
    attributes: Sequence[Attribute]
    powers: Powers
    keys: KeyReader
    people: Mapping[str, User] = field(default_factory=dict)
    access: Mapping[UUID, AccessSummary] = field(default_factory=dict)
    repeated: Mapping[int, int] = field(default_factory=dict)
    find_person: PeopleFinder | None = None
    _roles: dict[str, RoleAt] = field(default_factory=dict)
    _groups: dict[str, Group] = field(default_factory=dict)

    @property
    def manager_attribute(self) -> Attribute | None:
        return next((each for each in self.attributes if each.key == MANAGER and each.kind == Kind.PERSON), None)

    def role(self, name: str) -> RoleAt:
        """Return the role with this name, also “Helpdesk · North branch”. Raise Invalid if there is none."""
        if name not in self._roles:
            role, scope = find_by_name(Role, caseless_key(name)), None
            if role is None and SCOPE_SEPARATOR in name:
                first, _separator, rest = name.partition(SCOPE_SEPARATOR)
                role, scope = find_by_name(Role, caseless_key(first)), self.group(rest)
            if role is None:
                raise Invalid(_("The role “%(name)s” does not exist", name=name), field="roles", code="unknown")
            self._roles[name] = RoleAt(role, scope)
        return self._roles[name]

    def group(self, name: str) -> Group:
        """Raise Invalid if there is no group with this name that the requester can see."""
        if name not in self._groups:
            group = find_by_name(Group, caseless_key(name), reach=self.powers.reach(Permission.USERS_READ))
            if group is None:
                raise Invalid(_("The group “%(name)s” does not exist", name=name), field="groups", code="unknown")
            self._groups[name] = group
        return self._groups[name]


def look_up(imported: Import, rows: Sequence[PersonRow], *, by: Actor) -> Lookups:
    """Read everything that the rows name. Raise Invalid if the key cannot be used."""
    attributes, powers = live_attributes(), powers_of_actor(by)
    lookups = Lookups(by, attributes, powers, KeyReader(imported.key_field, visible_attributes(attributes, powers)))
    keys = {key for row in rows if (key := _key_or_none(lookups.keys, row))}
    # A row about someone else would tell which of its values are right.
    lookups.people = lookups.keys.find(keys, reach=powers.reach(Permission.USERS_READ))
    if any(row.roles or row.groups for row in rows):
        lookups.access = access_summaries([user.id for user in lookups.people.values()])
    managers = [{MANAGER: row.manager} for row in rows if row.manager]
    lookups.find_person = PeopleFinder([*(row.attributes for row in rows), *managers], attributes, lookups.powers)
    return lookups


def numbers_of_keys(imported: Import, hashes: Collection[int]) -> dict[int, int]:
    """Return the rows of the import that have these keys already."""
    query = select(ImportKey.hash, ImportKey.number).where(
        ImportKey.import_id == imported.id, ImportKey.hash.in_(hashes)
    )
    return {row.hash: row.number for row in db.session.execute(query)} if hashes else {}


def _key_or_none(keys: KeyReader, row: PersonRow) -> str | None:
    try:
        return keys.parse(row)
    except Invalid:
        return None
