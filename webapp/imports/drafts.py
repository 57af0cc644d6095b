"""Drafts of planned rows: each one creates a user, changes an existing one, or changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any
from uuid import UUID

from webapp.attributes.validation import validate_values
from webapp.attributes.values import TextInput
from webapp.core.errors import Invalid, Refused, Taken
from webapp.core.ids import new_id
from webapp.core.statuses import Status
from webapp.core.texts import _
from webapp.imports.lookups import MANAGER, Lookups, key_hash
from webapp.imports.models import EMAIL, ID, LABEL_MAX, USERNAME, Mode, Outcome
from webapp.imports.row_values import IDENTITY, PREFERENCES, changed_values, raw_values, read_window, stored_moment
from webapp.imports.rows import PersonRow
from webapp.imports.secrets import sealed_secret
from webapp.users.creating_many import PlannedUser
from webapp.users.models import User
from webapp.users.passwords import is_change_required
from webapp.users.saving import email_taken, username_taken


@dataclass
class Draft:
    """A row of the plan that is being made. Values as in `ImportRow`.

    `raw`: the fields of the row. `keys`: hashes of what only one row may have, each with the name of it for people.
    `new`: the user to create.
    """

    number: int
    label: str
    raw: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome = Outcome.REFUSED
    user_id: UUID | None = None
    message: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None
    manager: str | None = None
    changes: list[dict[str, Any]] | None = None
    keys: dict[int, str] = field(default_factory=dict)
    new: PlannedUser | None = None

    def refuse(self, error: Refused | str) -> None:
        """Keep the reasons. A value that another person has is a conflict."""
        problems = error.problems if isinstance(error, Refused) else []
        self.outcome = Outcome.CONFLICT if isinstance(error, Taken) else Outcome.REFUSED
        self.message = "; ".join(str(problem.message) for problem in problems) or str(error)
        if self.new:
            # The ID of a user who will not exist.
            self.user_id = None
        self.values, self.new, self.secret, self.manager, self.changes = self.raw, None, None, None, None


def draft_row(row: PersonRow, lookups: Lookups, mode: Mode, zone: tzinfo) -> Draft:
    """Return the draft of a row. A row that names a person has their ID, also if it is refused."""
    label = row.email or row.name or row.username or lookups.keys.text(row)
    draft = Draft(row.number, label[:LABEL_MAX], raw_values(row))
    try:
        key = lookups.keys.parse(row) if not row.problems else None
        user = lookups.people.get(key) if key else None
        draft.user_id = user.id if user else None
        if row.problems:
            draft.refuse("; ".join(row.problems))
        elif user is None:
            _draft_new(draft, row, lookups, mode, zone)
        elif mode is Mode.CREATE:
            draft.keys[key_hash("user", user.id)] = _key_name(lookups)
            draft.refuse(_taken(lookups))
        else:
            draft.keys[key_hash("user", user.id)] = _key_name(lookups)
            _draft_update(draft, row, user, lookups, zone)
    except Refused as error:
        draft.refuse(error)
    return draft


def _draft_new(draft: Draft, row: PersonRow, lookups: Lookups, mode: Mode, zone: tzinfo) -> None:
    if mode is Mode.UPDATE:
        raise Invalid(_("No user has this %(key)s", key=_key_name(lookups)), field=lookups.keys.field, code="unknown")
    roles = [lookups.role(name) for name in row.roles or ()]
    groups = [lookups.group(name) for name in row.groups or ()]
    attributes = {name: text for name, text in row.attributes.items() if text.strip()}
    _add_manager(draft, row, attributes, lookups)
    window: Any = read_window(row, zone)
    draft.new = PlannedUser(
        id=new_id(),
        email=row.email or "",
        name=row.name or "",
        **{name: getattr(row, name) or None for name in ("username", *PREFERENCES)},
        **window,
        password=row.password or None,
        password_hash=row.password_hash or None,
        must_change=bool(row.password) and is_change_required(),
        attributes={name: TextInput(text) for name, text in attributes.items()},
        roles=[role.ids for role in roles],
        groups=[group.id for group in groups],
        deactivated=row.status == Status.DEACTIVATED,
    )
    draft.outcome, draft.user_id = Outcome.CREATE, draft.new.id
    draft.secret = sealed_secret(row.password, row.password_hash)
    values = {
        **{name: getattr(row, name) for name in (*IDENTITY, *PREFERENCES)},
        **{name: stored_moment(moment) for name, moment in window.items()},
        "attributes": attributes,
        **_access(roles, groups),
        "deactivated": draft.new.deactivated,
        "has_password": bool(draft.secret),
    }
    draft.values = {name: value for name, value in values.items() if value}


def _draft_update(draft: Draft, row: PersonRow, user: User, lookups: Lookups, zone: tzinfo) -> None:
    """Keep what differs."""
    draft.values = changed_values(row, user, zone)
    draft.values |= _attribute_changes(draft, row, user, lookups) | _missing_access(row, user, lookups)
    draft.outcome = Outcome.UPDATE if draft.values or draft.manager else Outcome.UNCHANGED


def _attribute_changes(draft: Draft, row: PersonRow, user: User, lookups: Lookups) -> dict[str, Any]:
    texts = dict(row.attributes)
    _add_manager(draft, row, texts, lookups)
    if not texts or lookups.find_person is None:
        return {}
    validated = validate_values(
        {name: TextInput(text) for name, text in texts.items()},
        before=user.attributes,
        by=lookups.by,
        find_person=lookups.find_person,
        form_attributes=lookups.attributes,
        powers=lookups.powers,
    )
    return {"attributes": {name: texts[name] for name in validated.changed}} if validated.changed else {}


def _missing_access(row: PersonRow, user: User, lookups: Lookups) -> dict[str, Any]:
    """Return the roles and groups of the row that the person does not have. Others stay."""
    held = lookups.access.get(user.id)
    roles = [lookups.role(name) for name in row.roles or ()]
    groups = [lookups.group(name) for name in row.groups or ()]
    if held:
        held_roles = {(role.name, role.scope) for role in held.roles}
        roles = [each for each in roles if (each.role.name, each.scope.name if each.scope else "") not in held_roles]
        groups = [group for group in groups if group.name not in held.groups]
    return {name: value for name, value in _access(roles, groups).items() if value}


def _access(roles: list[Any], groups: list[Any]) -> dict[str, Any]:
    """Return the ids of roles, each with its scope, and of groups, as a plan stores them."""
    return {
        "roles": [[str(role.role.id), str(role.scope.id) if role.scope else None] for role in roles],
        "groups": [str(group.id) for group in groups],
    }


def _add_manager(draft: Draft, row: PersonRow, attributes: dict[str, str], lookups: Lookups) -> None:
    """Put the manager among the attributes. A manager who does not exist yet is looked up in the file later."""
    if lookups.manager_attribute is None:
        return
    text = attributes.pop(MANAGER, None) if row.manager is None else row.manager
    if text is None:
        return
    try:
        if text.strip() and lookups.find_person:
            lookups.find_person(text)
        attributes[MANAGER] = text
    except Refused:
        attributes.pop(MANAGER, None)
        draft.manager = text[:LABEL_MAX]


def _key_name(lookups: Lookups) -> str:
    names: Mapping[str, str] = {EMAIL: _("e-mail address"), USERNAME: _("username"), ID: _("ID")}
    return str(lookups.keys.attribute.label if lookups.keys.attribute else names[lookups.keys.field])


def _taken(lookups: Lookups) -> Taken:
    known = {EMAIL: email_taken, USERNAME: username_taken}
    if lookups.keys.field in known:
        return known[lookups.keys.field]()
    return Taken(_("A user with this %(key)s exists already", key=_key_name(lookups)), field="key", code="taken")
