"""The access matrix: each route of a user, requested by each kind of actor, for users inside and outside their reach.

The routes are read from the app, so new routes are tested automatically. The expected status depends on three facts:
the permission of the route, where the actor has it, and the permissions of the subject.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from tests.access_factory import Access
from tests.app_without_database import APP
from tests.clients import Browser
from tests.factories import People
from tests.photos.pictures import picture
from webapp.access.models import ADMINISTRATOR, AUDITOR, BUILT_IN, GROUP_OWNER, HELPDESK, OWNER
from webapp.core.clock import now
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.models import TotpFactor
from webapp.notes.models import Note
from webapp.signin.models import UserSession
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine

# Routes of memberships check access to the group, not to the user. See tests/groups.
ABOUT_GROUPS = Permission.GROUPS_MANAGE
ROUTES: list[tuple[str, Rule, Permission]] = [
    (method, rule, APP.view_functions[rule.endpoint].guard)
    for rule in APP.url_map.iter_rules()
    for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    if "user_id" in rule.arguments and rule.endpoint in APP.view_functions and not rule.rule.startswith("/api/")
    # Other people see a photo if they see the person, and everyone sees their own. See tests/photos/test_images.py.
    if rule.endpoint != "photos.image"
]
REFUSED = {403, 404, 422}
# Routes of a single button redirect and explain a refusal in a message.
BUTTONS = {"access.revoke", "user_invitation.send", "user_invitation.revoke"}
# A note does nothing to an account, so its author does not need the permissions of the subject.
NOTES = {"notes.add", "notes.update", "notes.delete"}


@dataclass(frozen=True)
class ActorCase:
    """An actor with a role, everywhere or only within the group North."""

    role: UUID | None
    within: bool = False

    def holds(self, permission: Permission) -> bool:
        return self.role is not None and permission in BUILT_IN[self.role].permissions

    def reaches(self, permission: Permission, *, inside: bool) -> bool:
        return self.holds(permission) and (inside or not self.within)


ACTORS = {
    "owner": ActorCase(OWNER),
    "administrator": ActorCase(ADMINISTRATOR),
    "helpdesk": ActorCase(HELPDESK),
    "auditor": ActorCase(AUDITOR),
    "helpdesk of North": ActorCase(HELPDESK, within=True),
    "administrator of North": ActorCase(ADMINISTRATOR, within=True),
    "owner of the group North": ActorCase(GROUP_OWNER, within=True),
    "someone without roles": ActorCase(None),
}
# Each subject: whether they are in North, and their role everywhere.
SUBJECTS = {
    "someone in North": (True, None),
    "someone elsewhere": (False, None),
    "an auditor in North": (True, AUDITOR),
    "an administrator": (False, ADMINISTRATOR),
    "an owner": (False, OWNER),
}


@pytest.mark.parametrize("target", SUBJECTS)
@pytest.mark.parametrize("actor", ACTORS)
def test_each_route_requires_its_permission_for_the_subject(
    access: Access, people: People, actor: str, target: str
) -> None:
    north, guest = access.group("North"), access.role("Guest")
    # A second owner, so that the subject is never the last one.
    access.person("Olga", roles=[OWNER])
    case, (inside, role) = ACTORS[actor], SUBJECTS[target]
    user = access.person("Actor")
    if case.role:
        access.grant(case.role, user_id=user.id, scope_id=north if case.within else None)
    browser = access.browser_of(user)
    subject: UserOut | None = None
    ids: dict[str, object] = {}
    before: tuple[object, object] = None, None
    for method, rule, guard in ROUTES:
        if guard == ABOUT_GROUPS:
            continue
        # Use the same subject until a request changes them.
        if subject is None:
            subject = _create_subject(access, north, inside=inside, role=role)
            ids = _ids_of(access, subject, author_id=user.id) | {"grant_id": access.grant(guest, user_id=subject.id)}
            before = people.row_counts(), people.row(id=subject.id)
        status = _request(browser, method, rule, ids, subject, str(north) if case.within else "")
        message = f"{actor} {method} {rule.rule} of {target}: {status}"
        visible = case.reaches(Permission.USERS_READ, inside=inside)
        fewer_permissions = role is None or not (BUILT_IN[role].permissions - _held_everywhere(case))
        if not case.holds(guard):
            assert status == 403, message
        elif not visible:
            assert status == 404, message
        elif case.reaches(guard, inside=inside) and (fewer_permissions or rule.endpoint in NOTES):
            # 400: only users in the bin can be erased.
            assert status in {200, 303, 400, 409}, message
            if method != "GET":
                subject = None
                continue
        elif method == "GET":
            # A page that changes nothing may be shown.
            assert status in {200, 303, 403}, message
        else:
            assert status in (REFUSED | {303} if rule.endpoint in BUTTONS else REFUSED), message
        assert (people.row_counts(), people.row(id=subject.id)) == before, message


def _held_everywhere(case: ActorCase) -> frozenset[Permission]:
    return BUILT_IN[case.role].permissions if case.role and not case.within else frozenset()


def _create_subject(access: Access, north: UUID, *, inside: bool, role: UUID | None) -> UserOut:
    subject = access.person("Subject", roles=[role] if role else [])
    if inside:
        access.add_member(north, subject.id)
    return subject


def _ids_of(access: Access, subject: UserOut, *, author_id: UUID) -> dict[str, object]:
    """Return what addresses about the subject contain: they have a session, a second factor and a note."""
    with access.app.app_context(), transaction():
        session = UserSession(token_hash=subject.id.hex, user_id=subject.id, address="", agent="")
        note = Note(user_id=subject.id, author_id=author_id, author_name="Actor", text="Called on Monday")
        db.session.add_all([session, TotpFactor(user_id=subject.id, sealed_seed="", confirmed_at=now()), note])
        db.session.flush()
        return {"user_id": subject.id, "session_id": session.id, "factor": "totp", "note_id": note.id}


FORM_FIELDS: dict[str, Callable[[UserOut, str], dict[str, Any]]] = {
    "users.update": lambda subject, _group_id: {"email": subject.email, "name": "Changed", "version": subject.version},
    "bin.purge": lambda subject, _group_id: {"email": subject.email},
    "photos.save": lambda _subject, _group_id: {"photo": (BytesIO(picture()), "photo.jpg")},
    "notes.add": lambda _subject, _group_id: {"text": "Called on Tuesday"},
    "notes.update": lambda _subject, _group_id: {"text": "Called on Wednesday", "version": 1},
    "access.grant": lambda _subject, group_id: {"role": str(GROUP_OWNER), "within": group_id},
}


def _request(browser: Browser, method: str, rule: Rule, ids: dict[str, object], subject: UserOut, group_id: str) -> int:
    path = rule.rule
    for name, value in ids.items():
        path = path.replace(f"<uuid:{name}>", str(value)).replace(f"<{name}>", str(value))
    assert "<" not in path, f"{rule.rule} needs an ID that this test does not have"
    if method == "GET":
        return browser.get(path).status_code
    fields = FORM_FIELDS[rule.endpoint](subject, group_id) if rule.endpoint in FORM_FIELDS else {}
    return browser.post(path, **fields).status_code
